"""The stages a complaint passes, each its own process and image; none imports another."""

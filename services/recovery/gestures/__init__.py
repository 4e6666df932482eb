"""One file a kind of effect: what leaves the house, each under its own idempotency key."""

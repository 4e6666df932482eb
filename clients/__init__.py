"""Client kits: one file each, to copy."""

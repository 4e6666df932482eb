"""Recovery: what is done to make a complaint good, and why."""

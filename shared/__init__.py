"""What the services share: the contracts, the stage runner and the ports around them."""

"""What it costs: our stages beside hand-written aiokafka, in one run, as ratios."""

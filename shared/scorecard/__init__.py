"""How good we were: pure figures from the events alone, for the command and the console alike."""

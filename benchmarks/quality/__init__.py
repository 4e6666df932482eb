"""How well triage reads: its signals on labelled sets, with floors that may not drop."""

"""Triage: what a complaint is about, how serious it is, and who is asking."""

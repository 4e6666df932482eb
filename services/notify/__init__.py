"""Notify: tells complainants and staff what was decided, in their written form."""

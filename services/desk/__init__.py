"""Desk: where people see the cases, decide and answer."""

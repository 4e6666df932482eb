"""Intake: every channel's message becomes one registered complaint, once."""

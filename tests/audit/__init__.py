"""The audit: faults and bad inputs thrown at a whole installation, and what must hold after each.

`make audit` (`python -m tests.audit`) runs it; a short part of it is the ring `audit`.
"""

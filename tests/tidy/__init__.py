"""The house rules, each as a check that can fail (tests/tidy/rules.py)."""

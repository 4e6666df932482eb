"""`kulanse up --demo N`: invented complaints, simulated colleagues, a count that must balance."""

"""`kulanse up --demo N`: invented complaints, simulated colleagues, and a count that must balance."""

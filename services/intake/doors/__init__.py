"""Ways in that answer at once: validate, mask, derive the id, produce, and only then say yes."""

"""What a process counts of itself: one catalogue of names (`catalogue`), one board of numbers."""

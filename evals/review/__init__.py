"""People in the loop: which answers they look at, what they said, and the trail of it."""

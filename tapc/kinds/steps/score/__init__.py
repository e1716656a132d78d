"""`score`: scores of candidates by a reward model or by a program of the user."""

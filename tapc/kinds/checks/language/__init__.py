"""`require language`."""

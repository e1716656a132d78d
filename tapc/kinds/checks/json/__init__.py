"""`require json`."""

"""`require no_reasoning [off]`."""

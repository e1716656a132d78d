"""`require no_refusal`."""

"""`require run [ … ]`."""

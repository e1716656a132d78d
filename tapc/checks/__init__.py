"""`require` checks, one file each."""

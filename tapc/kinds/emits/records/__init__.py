"""`emit records`: everything a slot made."""

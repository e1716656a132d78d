"""`emit rejects`: everything a slot turned down."""

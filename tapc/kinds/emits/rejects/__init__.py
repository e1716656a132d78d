"""`emit rejects`: everything that was rejected."""

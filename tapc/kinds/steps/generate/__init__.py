"""`generate`: texts or structures that chat models write, candidate by candidate."""

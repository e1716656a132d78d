"""`vote`: the majority of the answers that candidates give."""

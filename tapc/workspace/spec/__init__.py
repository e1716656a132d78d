"""A spec from a path to its counts, as every command loads it."""

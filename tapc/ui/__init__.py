"""The terminal: the only room that imports rich."""

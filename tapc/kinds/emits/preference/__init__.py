"""`emit preference`: chosen and rejected answers to one prompt."""

"""`emit prompts`: prompts alone."""

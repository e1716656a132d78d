"""`emit rl`: prompts with a verifiable answer."""

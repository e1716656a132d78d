"""Prompt templates: the sandbox, what a template reads, and the views it sees."""

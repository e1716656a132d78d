"""Kinds of steps, checks and emits."""

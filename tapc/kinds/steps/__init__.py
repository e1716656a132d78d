"""Kinds of steps, one package each."""

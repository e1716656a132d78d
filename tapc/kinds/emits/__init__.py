"""Kinds of outputs, one package each: `spec.py` for the front end, `program.py` for what runs."""

"""Untrusted text: characters that act on terminals, API keys in texts, and secrets that must never be written.

- `visible.py` makes control characters and invisible characters visible before a text is printed.
- `key_shapes.py` finds API keys by the shapes that providers use (`key_shapes.toml`, one entry per shape with its
  source).
- `secrets.py` finds and masks the values of environment variables in any usual encoding; `encodings.py` knows these
  encodings, and `strength.py` decides which values are too common to be secrets.

Start reading in `secrets.py`. To add the key of a provider, add an entry to `key_shapes.toml`.

Imports nothing else of tapc, so that every package may use it. This module imports none of the others: every command
prints untrusted text, but few look for keys or secrets.
"""

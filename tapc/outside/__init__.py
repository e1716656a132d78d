"""What comes from outside: characters that act on terminals, keys in texts, and values that must never be written.

Needs nothing of tapc, so that every package may use it. Start reading in `secrets.py`.

Nothing is imported here: every command shows texts of others (`visible`), few look for keys or secrets.
"""

"""The exports that ship with tapc, one module each."""

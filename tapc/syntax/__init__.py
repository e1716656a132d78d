"""From text to an immutable syntax tree."""

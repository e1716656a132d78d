"""What a syntax tree means: vocabulary, names, composition, checks, lowering to the IR."""

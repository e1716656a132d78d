"""`emit reward`: answers with a score, or pairs with a margin, for reward models."""

"""`pair`: a chosen and a rejected candidate for each slot."""

"""One module per command of `tapc`: its options, its help, and what is printed in which order."""

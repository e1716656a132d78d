"""What `tapc cache` does beyond the store itself.

`traversal` finds the stored replies that the datasets of some specs use, by folding their plans over the store.
`verify` turns what a verification found into findings, and compares stored outcomes with today's table of finish
reasons. They are apart since a verification needs no plans.
"""

"""One module per range of codes; see `tapc.diagnostics.codes`."""

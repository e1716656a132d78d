"""Parts of a dataset written as the statements they are read from; `tapc.frontend.show` puts them together."""

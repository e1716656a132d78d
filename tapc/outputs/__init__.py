"""What a run leaves behind: rows, files, card, manifest."""

"""What `tapc check` does: find what is wrong, and fix what can be fixed safely."""

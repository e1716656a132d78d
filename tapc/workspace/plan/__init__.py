"""What `tapc plan` does: describe a plan, save it, say why a job is not served from the store."""

"""What `tapc run` does: everything between a plan and a dataset folder."""

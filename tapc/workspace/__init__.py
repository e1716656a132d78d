"""Open files, caches, check this, plan that: the one door for the command line."""

"""Rules about legal but doubtful specs, one file each."""

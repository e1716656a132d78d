"""`input`: existing rows, dealt to slots before a run."""

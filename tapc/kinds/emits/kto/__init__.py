"""`emit kto`: answers that are good or bad."""

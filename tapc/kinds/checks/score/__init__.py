"""`require score STEP.ASPECT >= N`."""

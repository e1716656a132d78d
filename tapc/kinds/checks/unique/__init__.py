"""`require unique T [within AXIS]`."""

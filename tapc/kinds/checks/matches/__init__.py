"""`require [not] matches "regex"`."""

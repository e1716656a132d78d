"""`judge`: scores of candidates by a rubric, from chat models; one file per mode."""

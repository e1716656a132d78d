"""From the IR to counts, slots, jobs, estimates and the plan document."""

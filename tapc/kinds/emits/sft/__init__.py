"""`emit sft`: conversations to imitate."""

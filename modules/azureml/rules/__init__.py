"""What Azure asks of every resource type that groundplan makes there; the planner finds the files of this folder."""

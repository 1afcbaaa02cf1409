"""The checks: each file has a first line that says what it looks at, and ``look(situation) -> Diagnosis``."""

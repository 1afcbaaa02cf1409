"""The checks: each file has a first line that says what it looks at, and ``look(view) -> Diagnosis``.

One that looks at several things alike also has ``parts(view)``, their names, and looks at one: ``look(view, part)``.
What it raises is no answer of the cloud's: the check is then unknown.
"""

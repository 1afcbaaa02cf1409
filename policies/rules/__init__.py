"""One file, one rule; the file's docstring is the rule's manual page."""

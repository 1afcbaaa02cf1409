"""Asks the policy rules about a project: its plan, its config, what is about to be done."""

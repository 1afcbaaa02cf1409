"""Evidently's page of a window, made by a Python of its own: Evidently needs pandas 2."""

"""The data readiness scorecard: pure decisions on a DataFrame, one file per check."""

from .assess import assess, catalogue, guess_task

__all__ = ["assess", "catalogue", "guess_task"]

"""What engine and clouds say when something goes wrong: the cause and the exact command, one YAML file per entry."""

from .catalogue import Entry, entries, entry, explain

__all__ = ["Entry", "entries", "entry", "explain"]

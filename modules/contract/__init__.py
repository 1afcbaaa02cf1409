"""The capabilities: arguments, outputs, Protocol. Standard library only."""

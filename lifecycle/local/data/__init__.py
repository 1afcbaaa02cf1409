"""Data sources as files of this machine, and reading them."""

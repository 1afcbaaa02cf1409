"""What the project's own make targets run; not part of the package."""

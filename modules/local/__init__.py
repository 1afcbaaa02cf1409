"""The platform on this machine: folders and SQLite below .groundplan/."""

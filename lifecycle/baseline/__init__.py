"""The steps of a project that writes none of its own, run in child processes: split the data, train a baseline."""

"""What every room may use: errors, exit codes, files, locks, digests. Standard library and filelock only."""

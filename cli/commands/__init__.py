"""One file is one command: its first line is the summary, SECTION its place in the help, ``command`` the command."""

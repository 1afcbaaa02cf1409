"""Rules of other people's, run in a process of their own so that nothing they do stops or sways a check."""

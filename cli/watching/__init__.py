"""The loop that watch runs: its parts, its rounds, and the page that says how it goes."""

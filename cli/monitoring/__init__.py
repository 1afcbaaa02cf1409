"""What the commands that watch endpoints share."""

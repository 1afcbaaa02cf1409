"""What up, destroy and their kin do, for the laptop and for clouds."""

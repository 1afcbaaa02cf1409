"""What ``groundplan doctor --environment ENV`` asks a cloud: one check is one file in checks/."""

"""What ``groundplan doctor`` looks at: one check is one file in checks/."""

"""What a policy check found, written for people and for the systems that read such reports."""

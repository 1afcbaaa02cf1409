"""What is provisioned: one capability is one file, one platform is one folder."""

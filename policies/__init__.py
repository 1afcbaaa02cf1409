"""What is allowed: rules about planned resources, configs and actions, and what runs them. Knows no SDK."""

"""The real engine: finding it, starting it, and what it answers. Nothing else in groundplan starts Pulumi."""

"""Measures models on held-out data, in a process of its own; docs/metrics.md says what is measured and how."""

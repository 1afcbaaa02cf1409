"""Monitoring on this machine: what the request log holds, labels, baselines, reports, and who is told."""

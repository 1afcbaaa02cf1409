"""Running pipelines on this machine: what a run would do, its steps as processes, the cache, the records."""

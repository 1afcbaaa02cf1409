"""The rehearsal: a project's own config, in a copy, through a model's whole life, with faults on the way."""

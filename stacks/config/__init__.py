"""groundplan.yaml as types: its sections, how it is read, how environments and maturity are resolved."""

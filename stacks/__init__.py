"""How one config becomes a program: groundplan.yaml as types, read and resolved."""

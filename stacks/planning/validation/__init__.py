"""Holds planned resources against what the clouds accept: the SDK's own types, and facts that groundplan knows."""

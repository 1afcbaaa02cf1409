"""Readers of what others wrote: each gives resources as rules see them."""

"""The nouns of a model's life and the Protocol that a platform implements. Standard library only."""

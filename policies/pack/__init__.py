"""The rules as the engine takes them: each as a policy of a pack, with what a file says of them all."""

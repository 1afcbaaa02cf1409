"""The lifecycle's Protocols over records, a registry and the endpoints of a cloud, whichever cloud that is."""

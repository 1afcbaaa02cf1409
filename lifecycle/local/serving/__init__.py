"""The endpoint: a process that serves one model version over HTTP, and what starts it. See docs/endpoint.md."""

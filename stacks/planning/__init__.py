"""The offline planner: runs a stack program without engine, credentials, network or look-ups, and tells its outcome."""

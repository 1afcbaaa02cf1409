"""The laptop: pipelines as subprocesses, MLflow on SQLite, endpoints under uvicorn."""

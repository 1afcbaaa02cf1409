"""The model registry on this machine: MLflow's store, the journal of changes, the audit log."""

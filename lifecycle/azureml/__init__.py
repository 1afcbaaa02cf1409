"""What happens to models on Azure ML, by azure-ai-ml."""

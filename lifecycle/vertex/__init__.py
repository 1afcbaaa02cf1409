"""What happens to models on Vertex AI, by google-cloud-aiplatform."""

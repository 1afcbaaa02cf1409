"""What is looked at in a window: data quality, drift, the service, performance. Pure: facts in, checks out."""

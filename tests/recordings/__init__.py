"""Recording recipes: for each provider, the steps that its cassettes are recorded and replayed by."""

"""Change pixels until the losses are small."""

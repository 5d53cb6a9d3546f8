"""Make weights."""

"""A request as data, and what carries it out."""

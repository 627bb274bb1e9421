"""A Django application whose command buys numbers for customers."""

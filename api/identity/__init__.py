"""Stewardship: why accounts are one customer or not, how that came, and how to decide otherwise."""

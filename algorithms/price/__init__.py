"""What customers pay, how much of it by discount, and how much they can spend."""

from algorithms.price.declaration import ALGORITHM

__all__ = ["ALGORITHM"]

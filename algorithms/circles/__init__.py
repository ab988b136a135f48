"""Circles: who talks with whom more than with others, tracked from one date to the next."""

from algorithms.circles.declaration import ALGORITHM

__all__ = ["ALGORITHM"]

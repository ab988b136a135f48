"""Whom to seed under a budget, so that as many people as possible are reached."""

from algorithms.seeds.declaration import ALGORITHM, seeds_by

__all__ = ["ALGORITHM", "seeds_by"]

"""How a product spreads: who takes it up alone, who after others, and how many in the end."""

from algorithms.diffusion.declaration import ALGORITHM

__all__ = ["ALGORITHM"]

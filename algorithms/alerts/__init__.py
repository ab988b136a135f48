"""Rule alerts of customers, as nodes that open and close."""

from algorithms.alerts.declaration import ALGORITHM

__all__ = ["ALGORITHM"]

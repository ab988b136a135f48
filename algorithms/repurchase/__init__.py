"""Who buys again within thirty days: features at a cut, models that learn from earlier cuts.

``features.py`` describes customers at any cut, ``learning.py`` has the contenders,
``grading.py`` rolls cuts through the history and compares, ``algorithm.py`` puts them together.
"""

from algorithms.repurchase.algorithm import ALGORITHM

__all__ = ["ALGORITHM"]

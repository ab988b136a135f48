"""What every customer is worth: histories to cells, cells to a model, the model to figures.

``history.py`` counts histories, ``model.py`` and its models explain them, ``maximum.py``
finds their parameters, ``choice.py`` takes the best, ``spend.py`` says what a purchase is
worth, ``outlook.py`` how far off all that may be; ``algorithm.py`` puts them together.
"""

from algorithms.clv.algorithm import ALGORITHM

__all__ = ["ALGORITHM"]

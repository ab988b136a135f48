"""Who draws attention: people who will be answered, link others, or are rising.

`attention` is the score on arrays and knows nothing of posts; `model` makes it of a company's
replies; `grading` holds past lists against what came, and `attacks` tries to cheat them.
"""

from algorithms.influence.declaration import ALGORITHM

__all__ = ["ALGORITHM"]

"""The models of how influence spreads, by the names under which they are asked for."""

from typing import Literal

Model = Literal["cascade", "threshold"]
"""``cascade``: each arc carries once, independently, with its probability. ``threshold``: a
person is won over when the weights of those who are reach a level drawn from 0 to 1."""

"""A company whose figures are those that a marketing deck prints, so that kith prints them again.

Printed in the deck: six groups of customers with their number, mean orders, mean spend and
mean scores; two cells (721 customers of R 1 and F 3, 81 of R 5, F 5 and M 5); ten rules of
what is bought together; a forum of 175 people and 835 arcs with eight leaders by name.
Constructed here: everything behind them. Who the customers are, which order was placed when
and for how much, what a basket costs, and who of them writes when is drawn with a seed; the
figures are the same for every seed.
"""

from loaders.demo.deck.figures import BASKETS, BLOCKS, CUSTOMERS
from loaders.demo.deck.making import Deck

__all__ = ["BASKETS", "BLOCKS", "CUSTOMERS", "Deck"]

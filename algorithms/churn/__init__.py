"""Who is leaving, what goes with it, and how sure that is: churn by survival analysis.

`fitting`, `cox`, `design` and `survival` know nothing of orders and serve any frame of
durations and events; `landmarks` and `cohorts` make such frames of a company's orders.
"""

from algorithms.churn.declaration import ALGORITHM

__all__ = ["ALGORITHM"]

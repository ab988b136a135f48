"""Who is one person: accounts to customers, with stable ids and a chain of events.

Three steps, each pure: *evidence* (``evidence.py``: which identifiers may join accounts, and
why the others may not), *decision* (``decide.py``: which accounts are one), *events*
(``ids.py``, ``events.py``: which customer each group is, and what changed since last time).
``resolution.py`` puts them together, ``run.py`` reads and writes.
"""

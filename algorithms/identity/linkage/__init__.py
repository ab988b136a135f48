"""Who is probably one person: layer 2 of resolution, on tables and arrays alone.

``rows.py`` makes one row a customer of layer 1 with comparable columns; ``settings.py``
derives from them what to compare; ``training.py`` learns what agreement is worth and keeps
it as a ``Model``; ``score.py`` weighs pairs by it; ``cluster.py`` parts them into persons.
"""

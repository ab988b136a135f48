"""The commands of ``kith``, a module for each group; heavy imports stay in the functions."""

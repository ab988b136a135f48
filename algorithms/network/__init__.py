"""Measures of networks on arrays, for the methods that ask who answers whom.

Everything here is pure and of one thread: the same arcs give the same bits, whatever the
order in which they came. Modules with compiled kernels import numba, so who uses them imports
them inside a function.
"""

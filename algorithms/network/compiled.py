"""Compiles kernels on first use and keeps the machine code beside the module.

The one place that knows numba: kernels stay plain, typed functions. Compilation takes a second
or two, once a machine and version; later processes load what is kept.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

P = ParamSpec("P")
R = TypeVar("R")


def compiled(kernel: Callable[P, R]) -> Callable[P, R]:
    """Compile a kernel for one thread, without shortcuts in arithmetic.

    Parameters
    ----------
    kernel
        A function of arrays and numbers alone, with loops as they would be written in C. It
        runs without the interpreter's lock.
    """
    from numba import njit

    return cast("Callable[P, R]", njit(cache=True, nogil=True)(kernel))

"""Runs one measurement in a process of its own, so that its peak of memory is its own."""

import multiprocessing
import multiprocessing.connection
import resource
import time
from collections.abc import Callable
from typing import NamedTuple


class Measured(NamedTuple):
    """Seconds of the work, peak megabytes of its process, and what the work answered."""

    seconds: float
    megabytes: float
    answer: object


Work = Callable[[], object]
Prepare = Callable[[], Work]


def measured(prepare: Prepare) -> Measured:
    """Prepare and then time some work in a fresh process.

    Parameters
    ----------
    prepare
        A function of a module: it gets ready, untimed, and returns the work to be timed.

    Raises
    ------
    ChildProcessError
        If the process dies, for want of memory most likely.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(prepare, sender))
    process.start()
    sender.close()
    try:
        seconds, megabytes, answer = receiver.recv()
    except EOFError:
        process.join()
        problem = f"the process ended with {process.exitcode}"
        raise ChildProcessError(problem) from None
    process.join()
    return Measured(seconds, megabytes, answer)


def _answer(prepare: Prepare, sender: "multiprocessing.connection.Connection") -> None:
    work = prepare()
    began = time.perf_counter()
    answer = work()
    seconds = time.perf_counter() - began
    sender.send((seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, answer))

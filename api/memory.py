"""How much memory this process took: the high-water mark of a stage."""

import resource
from pathlib import Path

STATUS = Path("/proc/self/status")
CLEAR = Path("/proc/self/clear_refs")
RESET_PEAK = "5"


def reset_peak() -> None:
    """Start a new high-water mark, where the system can; elsewhere the old one goes on."""
    try:
        CLEAR.write_text(RESET_PEAK)
    except OSError:
        return


def peak_megabytes() -> float:
    """Return the most resident memory since the mark was reset, in megabytes."""
    try:
        lines = STATUS.read_text().splitlines()
    except OSError:
        # in kilobytes on Linux; without /proc this is the whole process's peak
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    marks = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return int(marks[0]) / 1024 if marks else 0.0

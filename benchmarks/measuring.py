"""CPU time and memory of processes, as the kernel counts them."""

import os
import resource
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """Return user and system time of a process so far, with that of its ended children; 0 when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(field) for field in fields[11:15]) / TICK


def tree_cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process and all that descend from it."""
    return cpu_seconds(pid) + sum(tree_cpu_seconds(child) for child in children(pid))


def children(pid: int) -> list[int]:
    """Return the processes that a process started and that still run."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [int(number) for number in text.split()]


def tree_memory(pid: int) -> float:
    """Return the resident memory of a process and its descendants in MiB."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        pages = 0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20 + sum(tree_memory(child) for child in children(pid))


def peak_memory() -> float:
    """Return the largest resident memory that this process had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

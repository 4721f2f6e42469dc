"""What processes used: CPU time and memory, as Linux counts them in /proc."""

from collections.abc import Iterable
from pathlib import Path

SHARED_OF_POSTGRES = ("checkpointer", "background writer", "walwriter")


def cpu_seconds(pids: Iterable[int]) -> float:
    """User and system time of the processes together; one that is gone counts nothing."""
    return sum(_cpu_seconds(pid) for pid in pids)


def _cpu_seconds(pid: int) -> float:
    """In nanoseconds from the scheduler, thread by thread; the clock ticks of `stat` are too coarse for a short batch."""
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9
    except (OSError, ValueError):
        return 0.0


def megabytes(pid: int) -> float:
    """The process's share of memory (proportional set size: pages shared by n processes count 1/n)."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def resident_megabytes(pid: int) -> float:
    """The process's resident set, with what it shares."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def postgres_pids(database: str) -> list[int]:
    """PostgreSQL's processes on this machine that serve one database, and those that serve all (WAL, checkpoints)."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            title = _title(folder)
            if title.startswith("postgres:") and (f" {database} " in title or title.endswith(SHARED_OF_POSTGRES)):
                found.append(int(folder.name))
    return found


def _title(folder: Path) -> str:
    try:
        return (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""

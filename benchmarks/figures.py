"""Figures of one benchmark, a line each: CPU milliseconds of all server processes a unit, and the time it took."""

import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from benchmarks.running import Site

BATCHES = 5


@dataclass(slots=True)
class Cost:
    """Milliseconds a unit: CPU of our processes, CPU of PostgreSQL's, and wall time."""

    web: float = 0.0
    database: float = 0.0
    wall: float = 0.0

    @property
    def cpu(self) -> float:
        return self.web + self.database


class Figures:
    def __init__(self, title: str = ""):
        if title:
            print(f"\n{title}", flush=True)

    async def best(self, site: Site, words: str, times: int, act: Callable[[int], Awaitable[None]]) -> None:
        """Does so many units in five batches and prints the cheapest, which other work on the machine disturbed least,
        and the median. `act` does as many units as it is told."""
        costs = []
        for _ in range(BATCHES):
            with _counted(site, times // BATCHES) as cost:
                await act(times // BATCHES)
            costs.append(cost)
        middle = median(cost.cpu for cost in costs)
        _print(words, min(costs, key=lambda cost: cost.cpu), f"  median {middle:6.2f}")

    @contextmanager
    def of(self, site: Site, words: str, times: int) -> Iterator[None]:
        """Measures what stands inside, `times` units of it at once, and prints the line."""
        with _counted(site, times) as cost:
            yield
        _print(words, cost)

    def note(self, words: str) -> None:
        print(f"  {'':<34} {words}", flush=True)


@contextmanager
def _counted(site: Site, times: int) -> Iterator[Cost]:
    cost = Cost()
    began, web, database = time.perf_counter(), site.web_cpu(), site.database_cpu()
    yield cost
    cost.wall = 1000 * (time.perf_counter() - began) / times
    cost.web = 1000 * (site.web_cpu() - web) / times
    cost.database = 1000 * (site.database_cpu() - database) / times


def _print(words: str, cost: Cost, more: str = "") -> None:
    split = f"(web {cost.web:5.2f}, database {cost.database:5.2f})"
    print(f"  {words:<34} {cost.cpu:6.2f} ms CPU {split}{more}  {cost.wall:7.2f} ms each", flush=True)

"""Figures of one benchmark, a line each: CPU milliseconds of all server processes a unit, and the time it took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.running import Site


class Figures:
    def __init__(self, title: str = ""):
        if title:
            print(f"\n{title}", flush=True)

    @contextmanager
    def of(self, site: Site, words: str, times: int) -> Iterator[None]:
        """Measures what stands inside, `times` units of it, and prints the line."""
        began, web, database = time.perf_counter(), site.web_cpu(), site.database_cpu()
        yield
        took = time.perf_counter() - began
        web, database = (1000 * (after - before) / times for after, before in
                         ((site.web_cpu(), web), (site.database_cpu(), database)))  # fmt: skip
        split = f"(web {web:5.2f}, database {database:5.2f})"
        print(f"  {words:<32} {web + database:7.2f} ms CPU {split}  {1000 * took / times:7.2f} ms each", flush=True)

    def note(self, words: str) -> None:
        print(f"  {'':<32} {words}", flush=True)

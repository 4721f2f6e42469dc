"""Databases and servers for a benchmark: made, started as an operator starts them, measured, stopped and dropped."""

import asyncio
import os
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from benchmarks import machine
from benchmarks.visitor import Visitor

SECRETS = {"BOOKING_SECRET_KEY": "a key for benchmarks only"}


@dataclass
class Site:
    """Running servers on one database."""

    url: str
    ports: list[int]
    processes: list[Any]
    worker: Any = None

    @property
    def pids(self) -> list[int]:
        """Our processes: web and worker."""
        return [process.pid for process in [*self.processes, self.worker] if process]

    def web_cpu(self) -> float:
        """CPU seconds of our processes."""
        return machine.cpu_seconds(self.pids)

    def database_cpu(self) -> float:
        """CPU seconds of PostgreSQL's processes for this database; SQLite works inside ours."""
        if not self.url.startswith("postgres"):
            return 0.0
        return machine.cpu_seconds(machine.postgres_pids(self.url.rsplit("/", 1)[1]))

    def visitor(self, n: int = 1) -> Visitor:
        """Somebody on a network of their own."""
        return Visitor(self.ports, f"203.0.{n // 250 % 250}.{n % 250 + 1}", turn=n)


@asynccontextmanager
async def new_database(server: str, name: str) -> AsyncIterator[str]:
    """The URL of a new empty database on `sqlite` or a PostgreSQL server; gone at the end."""
    with tempfile.TemporaryDirectory(prefix="bench_") as folder:
        if server == "sqlite":
            yield f"sqlite://{Path(folder)}/{name}.sqlite3"
            return
        await _on_server(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
        try:
            yield f"{server}/{name}"
        finally:
            await _on_server(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


async def _on_server(server: str, *statements: str) -> None:
    connection = await asyncpg.connect(f"{server}/postgres")
    for statement in statements:
        await connection.execute(statement)
    await connection.close()


@asynccontextmanager
async def serving(url: str, *, processes: int = 1, worker: bool = False, **environment: str) -> AsyncIterator[Site]:
    """`booking serve` so many times on ports of their own, and `booking worker` beside them if wanted."""
    ports = [free_port() for _ in range(processes)]
    own = {"BOOKING_DATABASE_URL": url, "BOOKING_JOBS_EMBEDDED": "false", **SECRETS, **environment}
    site = Site(url, ports, [])
    try:
        for port in ports:
            site.processes.append(await start(own, "-m", "booking", "serve", "--empty", "--port", str(port)))
        if worker:
            site.worker = await start(own, "-m", "booking", "worker")
        for port, process in zip(ports, site.processes, strict=True):
            await _answers(port, process)
        yield site
    finally:
        await _stop([process for process in [*site.processes, site.worker] if process])


async def start(environment: dict[str, str], *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, *arguments, env=os.environ | environment, stdout=asyncio.subprocess.DEVNULL
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def _answers(port: int, process: Any) -> None:
    for _ in range(600):
        if process.returncode is not None:
            raise RuntimeError("the server stopped at its start; its words stand above")
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    raise TimeoutError(f"no server on port {port}")


async def _stop(processes: list[Any]) -> None:
    for process in processes:
        if process.returncode is None:
            process.terminate()
    for process in processes:
        await process.wait()


@asynccontextmanager
async def serving_plain() -> AsyncIterator[Site]:
    """The plain page of plain.py, from the same server as ours."""
    port = free_port()
    process = await start({}, "-m", "uvicorn", "benchmarks.plain:app", "--port", str(port), "--log-level", "error")
    try:
        await _answers(port, process)
        yield Site("", [port], [process])
    finally:
        await _stop([process])

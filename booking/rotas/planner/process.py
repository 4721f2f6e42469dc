"""Starts the process in which a plan is worked, hears what it says, and ends it. Knows nothing of the database."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Any

from booking.rotas.planner import passing
from booking.settings import ROOT

MODULE = ["-m", "booking.rotas.planner.child"]
MEMORY_MB = 1024
LONGEST_LINE = 64 * 1024 * 1024
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
OWN = ("PATH", "LANG", "LC_ALL", "TZ", "VIRTUAL_ENV", "PYTHONPATH")
"""Nothing else of the environment, in which passwords may stand, is handed on."""
LAST_WORDS = 2000


class Child:
    """One process for one order. Use `async with`: it is gone at the end, whatever happens."""

    def __init__(self, order: Mapping[str, Any]):
        self.order = {"memory_mb": MEMORY_MB, "version": passing.VERSION, **order}

    async def __aenter__(self) -> "Child":
        environment = {name: os.environ[name] for name in OWN if name in os.environ} | ONE_THREAD
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, *MODULE, cwd=ROOT, env=environment, limit=LONGEST_LINE,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        self.errors = asyncio.ensure_future(self._last_words())
        await self._send(await asyncio.to_thread(passing.text, self.order))
        return self

    async def __aexit__(self, *_: object) -> None:
        self.kill()
        await self.process.wait()
        await self.errors

    async def said(self) -> AsyncIterator[dict[str, Any]]:
        """Each thing it says, until it says no more."""
        out = self.process.stdout
        assert out is not None
        while line := await out.readline():
            with suppress(json.JSONDecodeError):  # it was killed in the middle of a line
                yield json.loads(line)

    async def stop(self) -> None:
        """Asks it to end its search and say the best it has."""
        await self._send("stop")

    async def _send(self, line: str) -> None:
        assert self.process.stdin is not None
        # it may have gone meanwhile; uvloop then raises a RuntimeError
        with suppress(BrokenPipeError, ConnectionResetError, RuntimeError):
            self.process.stdin.write(line.encode() + b"\n")
            await self.process.stdin.drain()

    def kill(self) -> None:
        if self.process.returncode is None:
            with suppress(ProcessLookupError):
                self.process.kill()

    async def _last_words(self) -> str:
        """The end of what it wrote as errors."""
        assert self.process.stderr is not None
        kept = b""
        while some := await self.process.stderr.read(4096):
            kept = (kept + some)[-LAST_WORDS:]
        return kept.decode(errors="replace")

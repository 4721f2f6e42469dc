"""Several processes that begin at the same moment: when each of them is there, however long that took."""

import asyncio
import sys
from typing import Any

from booking.settings import ROOT

THERE, GO = b"there\n", b"go\n"
LONGEST = 120  # seconds until a process is there


async def run(module: str, each_ones: list[tuple[Any, ...]]) -> list[bytes]:
    """What each of them printed: python -m MODULE with the arguments of one of these."""
    running = []
    try:
        for arguments in each_ones:
            command = (sys.executable, "-m", module, *map(str, arguments))
            pipe = asyncio.subprocess.PIPE
            running.append(await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=pipe, stdout=pipe))
        async with asyncio.timeout(LONGEST):
            assert [await one.stdout.readline() for one in running] == [THERE] * len(running)
        ended = await asyncio.gather(*(one.communicate(GO) for one in running))
        assert all(one.returncode == 0 for one in running)
        return [said for said, _ in ended]
    finally:
        for one in running:
            if one.returncode is None:
                one.kill()
                await one.wait()


async def all_are_there() -> None:
    """In such a process: says that it is there, and waits for the others."""
    print(THERE.decode(), end="", flush=True)
    assert await asyncio.to_thread(sys.stdin.buffer.readline) == GO

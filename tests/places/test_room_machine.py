"""Promise P1 against a model: whatever is booked, moved, divided, closed, cancelled and decided, in any order."""

import asyncio
import sys

import pytest

from booking.settings import ROOT

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


async def test_rooms_do_what_a_simple_model_says(real_database):
    """In a process of its own, because the machine drives the loop itself."""
    command = (sys.executable, "-m", "tests.places.room_machine", real_database.url, "50")
    running = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await running.communicate()
    assert running.returncode == 0, said.decode()[-6000:]

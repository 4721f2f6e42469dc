"""Promise P2 under a rush: 200 parents press Book at once for the last 30 places of one date, on real server processes."""

import asyncio
import os
import re
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import httpx
import pytest

from booking import db
from booking.problems import Refused
from booking.programmes.bookings import leasing
from booking.programmes.bookings.leasing import Target
from tests import make

PARENTS, PLACES = 200, 30
PROCESSES = 4


def processes() -> int:
    return PROCESSES if db.is_postgres() else 1


@asynccontextmanager
async def served(url: str) -> AsyncIterator[list[str]]:
    """The addresses of server processes on one database, started as an operator starts them."""
    ports = [free_port() for _ in range(processes())]
    own = {"BOOKING_DATABASE_URL": url, "BOOKING_JOBS_EMBEDDED": "false", "BOOKING_SECRET_KEY": "a key for tests only"}
    started = []
    try:
        for port in ports:
            command = (sys.executable, "-m", "booking", "serve", "--empty", "--port", str(port))
            quiet = asyncio.subprocess.DEVNULL
            started.append(await asyncio.create_subprocess_exec(*command, env=os.environ | own, stdout=quiet))
        addresses = [f"http://127.0.0.1:{port}" for port in ports]
        for address in addresses:
            await answers(address)
        yield addresses
    finally:
        for process in started:
            process.terminate()
        for process in started:
            await process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def answers(address: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as browser:
        for _ in range(600):
            try:
                await browser.get(f"{address}/health")
                return
            except httpx.TransportError:
                await asyncio.sleep(0.1)
    raise TimeoutError(address)


def browsers(addresses: list[str]) -> list[httpx.AsyncClient]:
    """One per parent, each on a network of their own, spread over the servers."""
    return [
        httpx.AsyncClient(
            base_url=addresses[n % len(addresses)],
            headers={"Sec-Fetch-Site": "same-origin", "X-Forwarded-For": f"203.0.113.{n}"},
            timeout=60,
            trust_env=False,
        )
        for n in range(PARENTS)
    ]


async def book(browser: httpx.AsyncClient, session_id: UUID, phone: str) -> int:
    """Presses Book and goes on to the end; the last status there was."""
    pressed = await browser.post(f"/sessions/{session_id}/book")
    if pressed.status_code != 303:
        assert "waiting list" in pressed.text
        return pressed.status_code
    who = pressed.headers["Location"]
    checked = await browser.post(who, data={"adult-0": "Sam Carter", "channel": "call", "phone": phone})
    made = await browser.post(checked.headers["Location"])
    shown = await browser.get(made.headers["Location"])
    assert re.search(r"[2-9A-Z]{4}-[2-9A-Z]{3}", shown.text)
    return shown.status_code


@pytest.mark.slow
async def test_exactly_as_many_get_a_place_as_there_are(real_database):
    session = await make.session(places=PLACES, run=await make.run(programme=await make.programme(age_of="adult")))
    async with served(real_database.url) as addresses:
        parents = browsers(addresses)
        statuses = await asyncio.gather(
            *(book(parent, session.id, f"07700 900{n:03}") for n, parent in enumerate(parents))
        )
        await asyncio.gather(*(parent.aclose() for parent in parents))
    assert {status: statuses.count(status) for status in set(statuses)} == {200: PLACES, 409: PARENTS - PLACES}
    booked = "SELECT COUNT(*) AS n FROM booking WHERE session_id = $1 AND state = 'booked'"
    assert await db.value(booked, session.id) == PLACES
    assert await db.value("SELECT taken FROM session WHERE id = $1", session.id) == PLACES


@pytest.mark.slow
async def test_verbs_that_run_at_once_never_lease_more_than_there_are(real_database):
    session = await make.session(places=PLACES)
    target = Target(session.run_id, session.id)
    asked = await asyncio.gather(*(leasing.lease(target) for _ in range(PARENTS)), return_exceptions=True)
    assert sum(not isinstance(each, Exception) for each in asked) == PLACES
    assert all(each.rules == {"full"} for each in asked if isinstance(each, Refused))


@pytest.mark.slow
async def test_counting_first_and_taking_afterwards_would_give_too_many(real_database):
    """The negative control: the same rush with the usual mistake does overbook here, so the test above can fail."""
    session = await make.session(places=PLACES)
    target = Target(session.run_id, session.id)

    async def naive() -> bool:
        taken = await db.value("SELECT COUNT(*) AS n FROM lease WHERE session_id = $1", target.session_id)
        if taken >= PLACES:
            return False
        await leasing.start_waiting_draft(target)
        return True

    assert sum(await asyncio.gather(*(naive() for _ in range(PARENTS)))) > PLACES

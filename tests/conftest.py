"""One database for the whole run, each test in a transaction that is rolled back; a real one where processes compete.

BOOKING_TEST_DATABASE chooses the engine: `sqlite` (the default) or the URL of a PostgreSQL server on which databases may be
made, such as postgres://postgres@127.0.0.1:5432.
"""

import os
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import asyncpg
import httpx
import pytest
import time_machine
from tortoise.transactions import in_transaction

from booking import clock, db, migrating, settings, web
from booking.app import create_app
from booking.demo import county
from booking.messages import sender

ROLLED_BACK = count(1)
SERVER = os.environ.get("BOOKING_TEST_DATABASE", "sqlite")


class RollBack(Exception):
    pass


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


async def make_database(folder: Path) -> settings.Database:
    """A new empty database with today's tables on the engine under test."""
    if SERVER == "sqlite":
        database = settings.Database(url=f"sqlite://{folder}/{uuid.uuid4().hex}.sqlite3", pool=10)
    else:
        name = f"booking_test_{uuid.uuid4().hex[:12]}"
        server = await asyncpg.connect(f"{SERVER}/postgres")
        await server.execute(f"CREATE DATABASE {name}")
        await server.close()
        database = settings.Database(url=f"{SERVER}/{name}", pool=10)
    await migrating.migrate(database)
    return database


async def drop_database(database: settings.Database) -> None:
    if database.url.startswith("postgres"):
        server = await asyncpg.connect(f"{SERVER}/postgres")
        await server.execute(f"DROP DATABASE IF EXISTS {database.url.rsplit('/', 1)[1]} WITH (FORCE)")
        await server.close()


@pytest.fixture(scope="session")
def configured() -> settings.Settings:
    """The settings as a first start has them, with a fixed secret."""
    loaded = settings.load(environment={"BOOKING_SECRET_KEY": "a key for tests only"})
    sender.use(loaded)
    return replace(loaded.with_("server", public_page_seconds=0), is_demo=False)


@pytest.fixture(scope="session")
async def shared_database(tmp_path_factory, configured) -> AsyncIterator[settings.Database]:
    database = await make_database(tmp_path_factory.mktemp("database"))
    await db.open_database(database)
    yield database
    await db.close_database()
    await drop_database(database)


@pytest.fixture
async def database(shared_database, request) -> AsyncIterator[None]:
    """The shared database; whatever the test writes is rolled back."""
    clock.use_zone("Europe/London")
    try:
        async with in_transaction("default"):
            yield
            raise RollBack
    except RollBack:
        pass
    await sweep_now_and_then()


async def sweep_now_and_then() -> None:
    """PostgreSQL leaves rows that were rolled back where they are, and servers for tests may never tidy by themselves."""
    if SERVER == "sqlite" or next(ROLLED_BACK) % 20:
        return
    if await db.value("SELECT SUM(n_dead_tup) AS n FROM pg_stat_user_tables") > 20_000:
        await db.execute("VACUUM")


@pytest.fixture
async def real_database(shared_database, tmp_path) -> AsyncIterator[settings.Database]:
    """A database of this test's own, really written to, open in this process; for tests in which processes compete."""
    await db.close_database()
    own = await make_database(tmp_path)
    await db.open_database(own)
    yield own
    await db.close_database()
    await drop_database(own)
    await db.open_database(shared_database)


@pytest.fixture(scope="module")
async def loaded_demo(request, shared_database, tmp_path_factory) -> AsyncIterator[None]:
    """The demo county in a database of this module's own, loaded once, at the module's LOADED_AT; `database` rolls back on it.

    Not in the shared one: PostgreSQL keeps room for rows that are rolled back, and every later test would read past them.
    """
    await db.close_database()
    own = await make_database(tmp_path_factory.mktemp("demo"))
    await db.open_database(own)
    clock.use_zone("Europe/London")
    with time_machine.travel(request.module.LOADED_AT, tick=False):
        await county.load(clock.today())
    yield
    await db.close_database()
    await drop_database(own)
    await db.open_database(shared_database)


@pytest.fixture(scope="session")
def templates(configured):
    """Compiled once: that is most of what an application costs to make."""
    return web.make_environment(configured)


@pytest.fixture
def app(configured, templates, monkeypatch):
    monkeypatch.setattr(web, "make_environment", lambda settings: templates)
    return create_app(configured)


@pytest.fixture
async def client(app, database) -> AsyncIterator[httpx.AsyncClient]:
    """A browser's requests on the app, in the test's own transaction; follows no redirects by itself."""
    transport = httpx.ASGITransport(app=app, client=("203.0.113.7", 4711))
    headers = {"Sec-Fetch-Site": "same-origin"}
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", headers=headers) as browser:
        yield browser

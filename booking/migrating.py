"""Brings a database to today's tables. Safe to run twice, and from two processes at once.

Tortoise's own command is not run bare: on SQLite its table rebuilds would cascade deletes, drop triggers and indexes, and two
at once would both try (docs/decisions/migrations.md). So: one at a time, SQLite's file copied first and its foreign keys
off, then the migrations, then the plain indexes, then the guards, then a check.
"""

import asyncio
import contextlib
import fcntl
import sqlite3
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import asyncpg
from tortoise import Tortoise
from tortoise.migrations.executor import MigrationExecutor

from booking import clock, db, guards
from booking.settings import Database

ADVISORY_LOCK = 7_312_005


async def migrate(database: Database) -> list[str]:
    """Applies what is missing and returns the names of the migrations applied. Leaves no connection open.

    Raises DatabaseTrouble when the database cannot be reached.
    """
    configuration = db.configuration(database)
    if database.url.startswith("sqlite"):
        configuration["connections"]["default"]["credentials"]["foreign_keys"] = "OFF"
    await db.open_database(database)  # says in one line when it cannot be used
    await db.close_database()
    async with _alone(database):
        await Tortoise.init(config=configuration, _enable_global_fallback=True)
        try:
            return await _bring_up_to_date(database, configuration["apps"])
        finally:
            await db.close_database()


async def is_up_to_date(database: Database) -> bool:
    """Whether an open database has every migration and guard."""
    executor = MigrationExecutor(db.connection(), db.configuration(database)["apps"])
    try:
        return not await executor.plan() and not await guards.missing()
    except Exception:
        return False


async def _bring_up_to_date(database: Database, apps: dict[str, Any]) -> list[str]:
    executor = MigrationExecutor(db.connection(), apps)
    plan = [step.migration.name for step in await _plan(executor)]
    is_new = not await _has_tables()
    if plan and not db.is_postgres() and not is_new:
        _copy(db.sqlite_path(database.url))
    if plan and not is_new:
        await executor.migrate()
    if plan:
        await Tortoise.generate_schemas(safe=True)
    if plan and is_new:  # seconds faster than step by step, and a test sees to it that it comes to the same
        for name in plan:
            await executor.recorder.record_applied("booking", name)
    await guards.put_up()
    if plan and not db.is_postgres():
        dangling = await db.rows("PRAGMA foreign_key_check")
        if dangling:
            raise db.DatabaseTrouble(f"database: {len(dangling)} rows point at rows that are gone; restore the copy.")
    return plan


async def _plan(executor: MigrationExecutor) -> list[Any]:
    await executor.recorder.ensure_schema(executor._schema_editor(atomic=False))
    return list(await executor.plan())


async def _has_tables() -> bool:
    """Whether there is anything to lose: a new database holds at most the list of migrations."""
    if db.is_postgres():
        return await db.value("SELECT to_regclass('person') IS NOT NULL AS is_there")
    return bool(await db.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'person'"))


def _copy(path: Path) -> None:
    """A copy of the file beside it, made with SQLite's own backup, so that nothing half-written is in it."""
    if not path.exists() or path.stat().st_size == 0:
        return
    target = path.with_name(f"{path.name}.before-{clock.now():%Y%m%dT%H%M%S}")
    with contextlib.closing(sqlite3.connect(path)) as old, contextlib.closing(sqlite3.connect(target)) as new:
        old.backup(new)


@contextlib.asynccontextmanager
async def _alone(database: Database) -> AsyncGenerator[None]:
    """One migrating process at a time; the others wait and then find nothing to do."""
    if database.url.startswith("sqlite"):
        with db.sqlite_path(database.url).with_suffix(".lock").open("w") as file:
            await asyncio.to_thread(fcntl.flock, file, fcntl.LOCK_EX)
            yield
    else:
        held = await asyncpg.connect(database.url.replace("postgres://", "postgresql://", 1))
        try:
            await held.execute("SELECT pg_advisory_lock($1)", ADVISORY_LOCK)
            yield
        finally:
            await held.close()

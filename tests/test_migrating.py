"""Bringing a database to today's tables: from nothing, twice, from two processes at once, and with guards that were lost."""

import asyncio
import os
import sqlite3
import sys
import uuid
from collections.abc import AsyncIterator

import asyncpg
import pytest
import time_machine
import tortoise.models
from tortoise.exceptions import IntegrityError, OperationalError
from tortoise.migrations.executor import MigrationExecutor
from tortoise.migrations.schema_generator.state_apps import StateApps

from booking import clock, db, guards, migrating
from booking.settings import ROOT, Database
from tests import make
from tests.conftest import SERVER, drop_database

on_sqlite = pytest.mark.skipif(SERVER != "sqlite", reason="about SQLite's file")


@pytest.fixture
async def empty(shared_database, tmp_path) -> AsyncIterator[Database]:
    """A database without tables, open nowhere."""
    await db.close_database()
    url = f"sqlite://{tmp_path}/new/booking.sqlite3"
    if SERVER != "sqlite":
        name = f"booking_test_{uuid.uuid4().hex[:12]}"
        server = await asyncpg.connect(f"{SERVER}/postgres")
        await server.execute(f"CREATE DATABASE {name}")
        await server.close()
        url = f"{SERVER}/{name}"
    database = Database(url=url, pool=4)
    yield database
    await db.close_database()
    await drop_database(database)
    await db.open_database(shared_database)


async def structure() -> list[str]:
    """Tables, columns, indexes, triggers and constraints as the database itself names them."""
    if db.is_postgres():
        found = await db.rows(
            "SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable AS line"
            " FROM information_schema.columns WHERE table_schema = 'public'"
            " UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'"
            " UNION ALL SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint"
        )
    else:
        found = await db.rows("SELECT type || ' ' || name || ' ' || COALESCE(sql, '') AS line FROM sqlite_master")
    return sorted(row["line"] for row in found)


def run_migrate(database: Database, **environment: str):
    return asyncio.create_subprocess_exec(
        sys.executable, "-m", "booking", "migrate", cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"BOOKING_DATABASE_URL": database.url} | environment,
    )  # fmt: skip


async def test_from_nothing_then_again(empty):
    assert await migrating.migrate(empty)
    await db.open_database(empty)
    assert await migrating.is_up_to_date(empty)
    assert await guards.missing() == []
    first = await structure()
    await db.close_database()
    assert await migrating.migrate(empty) == []
    await db.open_database(empty)
    assert await structure() == first


async def columns() -> dict[tuple[str, str], tuple[str, ...]]:
    """(table, column) -> type, whether it may be empty, default."""
    if db.is_postgres():
        found = await db.rows(
            "SELECT table_name AS t, column_name AS c, data_type AS kind, is_nullable AS empty, column_default AS standard"
            " FROM information_schema.columns WHERE table_schema = 'public'"
        )
    else:
        found = await db.rows(
            'SELECT m.name AS t, i.name AS c, i.type AS kind, i."notnull" AS empty, i.dflt_value AS standard'
            " FROM sqlite_master m, pragma_table_info(m.name) i WHERE m.type = 'table'"
        )
    return {(row["t"], row["c"]): (row["kind"], str(row["empty"]), str(row["standard"])) for row in found}


async def step_by_step_migrate(database: Database, monkeypatch) -> None:
    """As it is done by Tortoise, which makes all models anew before and after each step: here without what they need for queries,
    because no step asks any, and it is five sixths of the time."""
    with monkeypatch.context() as patched:
        patched.setattr(tortoise.models, "get_filters_for_field", lambda *_, **__: {})
        patched.setattr(StateApps, "_build_initial_querysets", lambda _: None)
        await MigrationExecutor(db.connection(), db.configuration(database)["apps"]).migrate()


async def test_a_new_database_has_the_tables_that_the_migrations_make_one_by_one(empty, monkeypatch):
    """A new one is made from the models at once; one that has come a long way has had every migration."""
    await db.open_database(empty)
    await step_by_step_migrate(empty, monkeypatch)
    await guards.put_up()
    step_by_step = await columns()
    for table in [row["name"] for row in await tables()]:
        await db.execute(f'DROP TABLE "{table}"' + (" CASCADE" if db.is_postgres() else ""))
    await db.close_database()
    await migrating.migrate(empty)
    await db.open_database(empty)
    assert await columns() == step_by_step


async def tables():
    if db.is_postgres():
        return await db.rows("SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'")
    await db.execute("PRAGMA foreign_keys = OFF")
    return await db.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")


@pytest.mark.slow
async def test_two_processes_at_once_make_one_set_of_tables(empty):
    running = [await run_migrate(empty) for _ in range(3)]
    ended = [await one.communicate() for one in running]
    assert [one.returncode for one in running] == [0, 0, 0], ended
    said = sorted(out.decode().split(":")[0].strip() for out, _ in ended)
    assert said == ["Applied", "The database is up to date.", "The database is up to date."]
    assert all(err == b"" for _, err in ended)
    await db.open_database(empty)
    assert await migrating.is_up_to_date(empty)


async def drop_guards() -> None:
    for statement in guards.UNIQUE_AND_INDEXES:
        await db.execute(f"DROP INDEX {statement.split(' IF NOT EXISTS ')[1].split()[0]}")
    if db.is_postgres():
        for table, (name, _) in guards.NO_OVERLAP.items():
            await db.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for table, name, _ in guards.CHECKS:
            await db.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT {name}')
    else:
        for name in [*(name for _, name, _ in guards.CHECKS), guards.ROOM_OVERLAP, guards.DUTY_OVERLAP]:
            for verb in ("insert", "update"):
                await db.execute(f"DROP TRIGGER {name}_{verb}")


@pytest.mark.slow
async def test_guards_that_were_lost_come_back(empty):
    await migrating.migrate(empty)
    await db.open_database(empty)
    whole = await structure()
    await drop_guards()
    assert len(await guards.missing()) >= len(guards.UNIQUE_AND_INDEXES) + len(guards.CHECKS)
    assert not await migrating.is_up_to_date(empty)
    await db.close_database()
    await migrating.migrate(empty)
    await db.open_database(empty)
    assert await structure() == whole
    assert await migrating.is_up_to_date(empty)


@pytest.mark.slow
async def test_rows_survive_migrating(empty):
    await migrating.migrate(empty)
    await db.open_database(empty)
    booking = await make.booking()
    await db.close_database()
    await migrating.migrate(empty)
    await db.open_database(empty)
    assert await db.value("SELECT COUNT(*) AS n FROM attendee WHERE booking_id = $1", booking.id) == 1


@on_sqlite
@pytest.mark.slow
async def test_a_copy_is_made_before_anything_changes(empty, monkeypatch):
    await migrating.migrate(empty)
    path = db.sqlite_path(empty.url)
    assert list(path.parent.glob("*.before-*")) == []
    await db.open_database(empty)
    await make.location(name="Kept Hub")
    await db.execute("DELETE FROM tortoise_migrations") if await has_table("tortoise_migrations") else None
    await db.close_database()

    async def broken(*_):
        raise RuntimeError("the power failed")

    monkeypatch.setattr(migrating.MigrationExecutor, "migrate", broken)

    async def always(executor):
        class Step:
            class migration:
                name = "0002_later"

        return [Step]

    monkeypatch.setattr(migrating, "_plan", always)
    with time_machine.travel("2027-01-05T10:00:00Z", tick=False), pytest.raises(RuntimeError):
        await migrating.migrate(empty)
    copies = list(path.parent.glob("*.before-*"))
    assert [copy.name for copy in copies] == ["booking.sqlite3.before-20270105T100000"]
    with sqlite3.connect(copies[0]) as copy:
        assert copy.execute("SELECT name FROM location").fetchall() == [("Kept Hub",)]
    copy.close()


async def has_table(name: str) -> bool:
    return bool(await db.rows("SELECT 1 AS one FROM sqlite_master WHERE name = $1", name))


@on_sqlite
@pytest.mark.slow
async def test_rows_that_point_nowhere_stop_the_migration(empty, monkeypatch):
    """Tables are rebuilt with foreign keys off; what that may break is looked for afterwards."""
    await migrating.migrate(empty)
    path = db.sqlite_path(empty.url)
    with sqlite3.connect(path) as raw:
        raw.execute("PRAGMA foreign_keys = OFF")
        raw.execute("INSERT INTO role (id, person_id, kind) VALUES ('a', 'nobody', 'hub_staff')")
    raw.close()

    async def nothing(*_):
        return None

    async def always(executor):
        class Step:
            class migration:
                name = "0002_later"

        return [Step]

    monkeypatch.setattr(migrating.MigrationExecutor, "migrate", nothing)
    monkeypatch.setattr(migrating, "_plan", always)
    with pytest.raises(db.DatabaseTrouble, match="point at rows that are gone"):
        await migrating.migrate(empty)


@on_sqlite
@pytest.mark.slow
async def test_the_file_is_kept_safe(empty):
    await migrating.migrate(empty)
    await db.open_database(empty)
    told = {name: (await db.row(f"PRAGMA {name}"))[name] for name in ("journal_mode", "foreign_keys", "synchronous")}
    assert told == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2}


@pytest.mark.parametrize(
    ("table", "wrong"),
    [
        ("session", "taken = places + 1"), ("session", "taken = -1"), ("session", "ends_at = starts_at"),
        ("run", "taken = places + 1"), ("booking", "places = 0"),
    ],
)  # fmt: skip
async def test_the_database_itself_refuses(database, table, wrong):
    """Behind every check of ours."""
    booking = await make.booking()
    row_id = {"session": booking.session_id, "run": booking.run_id, "booking": booking.id}[table]
    with pytest.raises((IntegrityError, OperationalError)) as refused:
        await db.execute(f'UPDATE "{table}" SET {wrong} WHERE id = $1', row_id)
    assert "ck_" in str(refused.value)


async def test_the_database_itself_refuses_two_bookings_of_one_family(database):
    first = await make.booking()
    with pytest.raises(IntegrityError) as refused:
        await make.booking(await first.session, await first.person)
    assert "session_id" in db.broken_guard(refused.value) or "uq_booking" in db.broken_guard(refused.value)


@pytest.mark.slow
async def test_the_models_and_the_migrations_say_the_same(empty):
    """A column in the models that no migration makes would be missing on a council's machine."""
    from tortoise import Tortoise

    await migrating.migrate(empty)
    await db.open_database(empty)
    for model in Tortoise.apps["booking"].values():
        columns = ", ".join(f'"{column}"' for column in model._meta.fields_db_projection.values())
        assert await db.rows(f'SELECT {columns} FROM "{model._meta.db_table}"') == []


async def test_a_database_that_is_not_there_is_said_in_one_line(empty):
    for url in (
        "postgres://nobody:secret@127.0.0.1:1/x",
        "mysql://x",
        "sqlite:///dev/null/x/y.sqlite3",
        "postgres://h:abc/x",
        "nonsense",
    ):
        with pytest.raises(db.DatabaseTrouble) as trouble:
            await migrating.migrate(Database(url=url, pool=1))
        assert "secret" not in str(trouble.value)
        assert clock.now()

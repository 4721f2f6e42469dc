"""The database: opening it, one transaction, plain SQL, and every difference between SQLite and PostgreSQL."""

import asyncio
import json
import logging
import random
import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import SplitResult, unquote, urlsplit
from uuid import UUID

import uuid_utils.compat
from tortoise import Tortoise
from tortoise.backends.base.client import BaseDBAsyncClient, TransactionalDBClient
from tortoise.connection import get_connection
from tortoise.exceptions import IntegrityError
from tortoise.fields import JSONField
from tortoise.models import Model
from tortoise.transactions import in_transaction

from booking.settings import ROOT, Database

T = TypeVar("T")
DEADLOCK, DEADLOCK_TRIES = "40P01", 5

for _writes_values in ("aiosqlite", "tortoise.db_client", "asyncpg"):  # at DEBUG: names, codes, restricted places
    logging.getLogger(_writes_values).setLevel(logging.INFO)

MODELS = [
    "booking.audit",
    "booking.people.models",
    "booking.places.models",
    "booking.programmes.models",
    "booking.rotas.models",
    "booking.messages.models",
    "booking.open_data.models",
]


class DatabaseTrouble(Exception):
    """The database cannot be used; the text says what and where."""


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562): sorts by time, cannot be guessed from another."""
    return uuid_utils.compat.uuid7()


def configuration(database: Database) -> dict[str, Any]:
    """Tortoise's configuration for a sqlite:// or postgres:// URL. Raises DatabaseTrouble for any other."""
    parts = _parts(database.url)
    if parts.scheme == "sqlite":
        connection = {"engine": "booking.db_sqlite", "credentials": _sqlite_credentials(database.url)}
    elif parts.scheme in ("postgres", "postgresql"):
        connection = {"engine": "tortoise.backends.asyncpg", "credentials": _postgres_credentials(parts, database.pool)}
    else:
        raise DatabaseTrouble("settings: database.url must begin with sqlite:// or postgres://.")
    return {
        "connections": {"default": connection},
        "apps": {"booking": {"models": MODELS, "default_connection": "default", "migrations": "booking.migrations"}},
        "use_tz": True,
        "timezone": "UTC",
    }


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading it is what finds a port that is no number
    except ValueError as error:
        raise DatabaseTrouble(f"settings: database.url is no address ({error}).") from error
    return parts


def sqlite_path(url: str) -> Path:
    """The file of a sqlite:// URL; a relative one is beside the project, wherever the command was started."""
    path = Path(url.removeprefix("sqlite://")).expanduser()
    return path if path.is_absolute() else ROOT / path


def _sqlite_credentials(url: str) -> dict[str, Any]:
    path = sqlite_path(url)
    return {"file_path": str(path), "busy_timeout": 15000, "synchronous": "FULL", "cache_size": -32000}


def _postgres_credentials(parts: Any, pool: int) -> dict[str, Any]:
    return {
        "host": parts.hostname or "127.0.0.1",
        "port": parts.port or 5432,
        "user": unquote(parts.username or "postgres"),
        "password": unquote(parts.password or "") or None,
        "database": parts.path.lstrip("/"),
        "minsize": 1,
        "maxsize": pool,
        "reset": _as_it_is,
        "server_settings": {
            "lock_timeout": "15s",
            "statement_timeout": "60s",
            "jit": "off",
            "plan_cache_mode": "force_generic_plan",  # planning a page's query anew costs as much as running it
        },
    }


async def _as_it_is(_: Any) -> None:
    """A connection goes back to the pool as it is: nothing of ours changes its settings, and asking costs a round trip."""


async def open_database(database: Database) -> None:
    """Connects. Raises DatabaseTrouble in one line when the file or server cannot be used."""
    if database.url.startswith("sqlite"):
        _make_folder(sqlite_path(database.url))
    try:
        await Tortoise.init(config=configuration(database), _enable_global_fallback=True)
        await rows("SELECT 1 AS one")
    except DatabaseTrouble:
        raise
    except Exception as error:
        await close_database()
        raise DatabaseTrouble(f"database: {_without_password(database.url)} cannot be used: {error}") from error


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab"):
            pass
    except OSError as error:
        raise DatabaseTrouble(f"database: {path} cannot be written ({error.strerror}).") from error


def _without_password(url: str) -> str:
    return re.sub(r":[^:@/]*@", ":***@", url)


async def close_database() -> None:
    await Tortoise.close_connections()


def connection() -> BaseDBAsyncClient:
    """The connection of this task: inside run_tx that of the transaction."""
    return get_connection("default")


def is_postgres() -> bool:
    return connection().capabilities.dialect == "postgres"


async def run_tx(body: Callable[[], Awaitable[T]]) -> T:
    """Runs `body` in one transaction and returns its result; inside another it is a savepoint.

    Where two wait for each other PostgreSQL ends one of them: nothing of it stays, and the outermost `body` is run anew,
    so that nobody sees it. Shielded: a request that is cut off never leaves a transaction half begun, which would hold SQLite's only connection
    for ever or leak one of PostgreSQL's. The body runs to its end even if nobody waits for the answer.
    """
    return await asyncio.shield(asyncio.ensure_future(_in_transaction(body)))


async def _in_transaction(body: Callable[[], Awaitable[T]]) -> T:
    tries = 1 if isinstance(connection(), TransactionalDBClient) else DEADLOCK_TRIES
    for left in reversed(range(tries)):
        try:
            async with in_transaction("default"):
                return await body()
        except Exception as error:
            if not left or not is_deadlock(error):
                raise
            await asyncio.sleep(random.uniform(0.01, 0.1))
    raise AssertionError("the last try returns or raises")


def is_deadlock(error: BaseException | None) -> bool:
    """Whether PostgreSQL ended this transaction because it and another waited for each other."""
    while error is not None and getattr(error, "sqlstate", "") != DEADLOCK:
        error = error.__cause__
    return error is not None


async def rows(sql: str, *parameters: Any) -> list[dict[str, Any]]:
    """The rows of one statement with $1..$n placeholders, also of INSERT, UPDATE and DELETE ... RETURNING.

    Column names say the type: `id` and `*_id` are UUIDs, `*_at` aware UTC instants, `date` and `*_date` dates.
    """
    current = connection()
    if current.capabilities.dialect == "postgres":
        return await current.execute_query_dict(sql, list(parameters))
    _, found = await current.execute_query(_numbered(sql), [_stored(value) for value in parameters])
    return _read(found) if found else []


def _read(found: Sequence[Any]) -> list[dict[str, Any]]:
    """Rows of SQLite with their types. dict(row) would search each name among all columns anew: 4 µs a row of 28 columns. Of
    two columns with one name the last counts, as on PostgreSQL."""
    names = found[0].keys()
    readers = [(name, read) for name in dict.fromkeys(names) if (read := _reader(name))]
    lines = [dict(zip(names, line, strict=True)) for line in found]
    for line in lines:
        for name, read in readers:
            if line[name] is not None:
                line[name] = read(line[name])
    return lines


async def row(sql: str, *parameters: Any) -> dict[str, Any] | None:
    """The first row, or None."""
    found = await rows(sql, *parameters)
    return found[0] if found else None


async def value(sql: str, *parameters: Any) -> Any:
    """The first column of the first row, or None."""
    found = await row(sql, *parameters)
    return next(iter(found.values())) if found else None


async def execute(sql: str, *parameters: Any) -> None:
    await rows(sql, *parameters)


async def insert_many(
    table: str, columns: Sequence[str], lines: Iterable[Sequence[Any]], on_conflict: str = ""
) -> None:
    """Inserts many rows with one prepared statement."""
    places = ",".join(f"${n}" for n in range(1, len(columns) + 1))
    names = ",".join(f'"{column}"' for column in columns)
    sql = f'INSERT INTO "{table}" ({names}) VALUES ({places}) {on_conflict}'
    current = connection()
    if current.capabilities.dialect == "postgres":
        await current.execute_many(sql, [list(line) for line in lines])
    else:
        await current.execute_many(_numbered(sql), [[_stored(value) for value in line] for line in lines])


async def write_new(models: Sequence[Model]) -> None:
    """Writes new rows of any tables, in this order; on PostgreSQL in one statement, because round trips are what costs."""
    if not is_postgres():
        for model in models:
            sql, values = _insert(model)
            await execute(sql, *values)
        return
    statements: list[str] = []
    parameters: list[Any] = []
    for model in models:
        sql, values = _insert(model, first=len(parameters) + 1)
        statements.append(sql)
        parameters += values
    if statements:
        before = ", ".join(f"row_{n} AS ({sql})" for n, sql in enumerate(statements[:-1]))
        await execute(f"WITH {before} {statements[-1]}" if before else statements[-1], *parameters)


async def write_many(models: Sequence[Model]) -> None:
    """Writes many new rows of one table with one prepared statement."""
    if models:
        columns = tuple(models[0]._meta.fields_db_projection.values())
        await insert_many(models[0]._meta.db_table, columns, [_insert(model)[1] for model in models])


def _insert(model: Model, first: int = 1) -> tuple[str, list[Any]]:
    """The INSERT of a new row with its values, counted from `first`. The model counts as saved from here on."""
    columns = model._meta.fields_db_projection
    places = ",".join(f"${n}" for n in range(first, first + len(columns)))
    names = ",".join(f'"{column}"' for column in columns.values())
    model._saved_in_db = True
    sql = f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES ({places})'
    return sql, [
        _as_json(model, name) if name in _json_fields(type(model)) else getattr(model, name) for name in columns
    ]


def _as_json(model: Model, name: str) -> str | None:
    value = getattr(model, name)
    return None if value is None else json.dumps(value)


@lru_cache
def _json_fields(model: type[Model]) -> set[str]:
    return {name for name, field in model._meta.fields_map.items() if isinstance(field, JSONField)}


def in_list(values: Sequence[Any], first: int = 1) -> str:
    """ "($3,$4,$5)" for the parameters of IN, counted from `first`; for no values a list that matches nothing."""
    return "(" + (",".join(f"${n}" for n in range(first, first + len(values))) or "NULL") + ")"


def lock_in_order() -> str:
    """Ends a SELECT of ids that are about to be changed by one statement: whoever changes several locks them in the same order."""
    return " ORDER BY id FOR NO KEY UPDATE" if is_postgres() else ""


def skip_locked() -> str:
    """Ends a SELECT that claims rows: other workers pass over them. SQLite has one writer and needs nothing."""
    return " FOR UPDATE SKIP LOCKED" if is_postgres() else ""


def random_id() -> str:
    """SQL for a new id (UUIDv4), where the database itself writes many rows. It sorts by nothing."""
    if is_postgres():
        return "gen_random_uuid()"
    some, more = "lower(hex(randomblob(2)))", "lower(hex(randomblob(6)))"
    return (
        f"{some} || {some} || '-' || {some} || '-4' || substr({some}, 2) || '-'"
        f" || substr('89ab', 1 + (random() & 3), 1) || substr({some}, 2) || '-' || {more}"
    )


def minutes_between(start: str, end: str) -> str:
    """SQL for the whole minutes from one instant's column to another's."""
    if is_postgres():
        return f"CAST(EXTRACT(EPOCH FROM {end} - {start}) / 60 AS integer)"
    return f"(strftime('%s', {end}) - strftime('%s', {start})) / 60"


def broken_guard(error: IntegrityError) -> str:
    """What the database said: the name of the constraint (PostgreSQL) or its text (SQLite)."""
    cause = error.args[0] if error.args else error
    return getattr(cause, "constraint_name", None) or str(cause)


@lru_cache(maxsize=1024)
def _numbered(sql: str) -> str:
    return re.sub(r"\$(\d+)", r"?\1", sql)


def _stored(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


_uuid = lru_cache(maxsize=8192)(UUID)  # the same few ids stand in many rows, and reading one anew costs a microsecond


@lru_cache(maxsize=1024)
def _reader(column: str) -> Callable[[Any], Any] | None:
    if column == "id" or column.endswith("_id"):
        return _uuid
    if column.endswith("_at"):
        return datetime.fromisoformat
    if column == "date" or column.endswith("_date"):
        return date.fromisoformat
    return None

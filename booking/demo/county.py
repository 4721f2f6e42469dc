"""The demo county: two real counties' timetable, made-up people, and bookings that make it look lived in."""

from collections.abc import Callable
from datetime import date
from graphlib import TopologicalSorter
from typing import Any

from tortoise import Tortoise
from tortoise.models import Model

from booking import db
from booking.demo import (
    calendars,
    changes,
    closings,
    contact,
    courses,
    families,
    messages,
    modes,
    needs,
    notices,
    partners,
    planning,
    rooms,
    rotas,
    staff,
    texts,
    waiting,
    workers,
)
from booking.demo.moving import moved_files, shift_weeks, week_of
from booking.programmes.imports.importing import import_files

__all__ = ["how_to_sign_in", "load", "shift_weeks", "week_of"]

Progress = Callable[[int, int, str], None]
STAYS = {"instance", "tick", "postcode", "allowance"}
STEPS = 8


async def load(today: date, progress: Progress | None = None, *, fresh: bool = False) -> None:
    """Fills the database with the demo county, moved so that today is in the second week of its term, in one
    transaction. `fresh` empties a demo of another week first. Raises RuntimeError if its own files have problems."""

    def tell(done: int, words: str) -> None:
        if progress:
            progress(done, STEPS, words)

    async def body() -> None:
        if fresh:
            tell(0, "Taking last week's away")
            await _empty()
        report = await import_files(moved_files(today), progress=lambda done, _, words: tell(done, words))
        if not report.is_saved:
            raise RuntimeError("the demo county has problems:\n" + "\n".join(report.lines()))
        await _count_rows()
        tell(6, "Staff and partners")
        await staff.make()
        await partners.make(today)
        await workers.make(today)
        tell(7, "Rooms of partners, families and their bookings")
        await rooms.make(today)
        await families.make(today)
        await _count_rows()
        await modes.make(today)
        await planning.make(today)
        await changes.make(today)
        await waiting.make(today)
        await texts.make(today)
        await courses.make(today)
        await closings.make(today)
        await contact.make(today)
        await messages.make(today)
        await notices.make(today)
        await calendars.make()
        await needs.make(today)
        await rotas.make(today)

    await db.run_tx(body)
    tell(STEPS, "Done")


async def _count_rows() -> None:
    """PostgreSQL plans by what it has counted, and counts nothing of its own accord within a transaction: some plans for tables that
    it takes for empty run for minutes."""
    if db.is_postgres():
        await db.execute("ANALYZE")


def how_to_sign_in(base: str) -> list[str]:
    """Lines for the operator: who the demo's staff and bookers are and where their codes can be read."""
    named = [f"{one.words}: {one.email}" for one in staff.STAFF if one.is_shown]
    bookers = [f"{one.words}: {one.bookers[0][1]}, at {base}/partner" for one in partners.PARTNERS if one.words]
    return [*named, *bookers, f"the code to sign in with is on {base}/outbox"]


async def _empty() -> None:
    """Deletes every row that a demo made; postcodes, secrets and the jobs' times stay.

    PostgreSQL gives new files: rows that are only deleted stay in the way until it tidies, which it does not within a transaction.
    """
    models = {model._meta.db_table: model for model in Tortoise.apps["booking"].values()}
    leads_to = {table: _refers_to(model) - {table} for table, model in models.items()}
    goes = [f'"{table}"' for table in reversed(list(TopologicalSorter(leads_to).static_order())) if table not in STAYS]
    if db.is_postgres():
        await db.execute(f"TRUNCATE {', '.join(goes)}")
    else:
        for table in goes:
            await db.execute(f"DELETE FROM {table}")


def _refers_to(model: type[Model]) -> set[str]:
    keys: list[Any] = [model._meta.fields_map[name] for name in model._meta.fk_fields]
    return {key.related_model._meta.db_table for key in keys}

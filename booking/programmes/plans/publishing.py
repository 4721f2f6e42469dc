"""Publishing a draft: a second, deliberate act. For ten minutes it can be taken back, while nobody has booked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.programmes.appointments import keeping_slots
from booking.programmes.plans import drafts
from booking.programmes.plans.writing_runs import free_slug_of
from booking.programmes.registers.registering import as_json
from booking.programmes.run_lists import may_see
from booking.programmes.run_words import free_code, search_words
from booking.slugs import hidden_slug
from booking.words import DAYS

Row = dict[str, Any]
VERB = "publish run"
OVER = Problem("Its first date has begun. Move or leave out that date first.", rule="past")
NO_DATES = Problem("It has no dates. Add some first.", rule="no date")
BAD_LEAST = Problem("The least number is from 1 to the number of places.", "min_places", rule="least")
NO_DECIDE = Problem("Say by when it is decided, before the first date.", "decide_by", rule="least")
BAD_RESERVED = Problem("Keep fewer places back than there are.", "reserved", rule="reserved")
BAD_UNTIL = Problem("Say until when they are kept back, before the first date.", "reserved_until", rule="reserved")
TOO_LATE = Problem("The time to undo it is over. Cancel dates instead: families are told.", rule="too late")
BOOKED = Problem(
    "Somebody has booked or waits already, so it cannot be taken back. Cancel dates instead.", rule="booked"
)
CANCELLED = Problem("A date of it has been cancelled since, or is online. Undo that first.", rule="cancelled")
# what publishing sets, as the draft had it; the draft has no day by which anything is decided or kept back
PUT_BACK = ("is_restricted", "slug", "search_words", "min_places", "reserved", "referral_code")
HANGING_ON = (
    "SELECT 1 AS n FROM run r WHERE r.id = $1 AND (r.taken > 0"
    " OR EXISTS (SELECT 1 FROM session s WHERE s.run_id = r.id AND s.taken > 0)"
    " OR EXISTS (SELECT 1 FROM booking b WHERE b.run_id = r.id) OR EXISTS (SELECT 1 FROM waiting_entry w WHERE w.run_id = r.id)"
    " OR EXISTS (SELECT 1 FROM lease f WHERE f.run_id = r.id AND f.released_at IS NULL AND f.expires_at > $2))"
)


@dataclass(frozen=True, slots=True)
class Terms:
    """How it is published. is_listed: families find it; a restricted one and one by referral alone never is. reserved
    places are kept back for referred and priority families until a day."""

    is_listed: bool = True
    is_restricted: bool = False
    min_places: int | None = None
    decide_by: date | None = None
    reserved: int = 0
    reserved_until: date | None = None


def terms_for(run: Mapping[str, Any], programme: Mapping[str, Any]) -> Terms:
    """What is proposed: the programme's least number, decided so many days before the first date. Pure."""
    least = min(run["min_places"], run["places"]) if run["min_places"] else None
    decide_by = run["first_date"] - timedelta(days=programme["decide_days"]) if least else None
    is_open = not run["is_restricted"] and run["booking_mode"] != "referral"
    return Terms(is_listed=is_open, is_restricted=bool(run["is_restricted"]), min_places=least, decide_by=decide_by)


def problems_with(run: Mapping[str, Any], terms: Terms) -> list[Problem]:
    """What is wrong with these terms. Pure."""
    problems = []
    first = run["first_date"]
    if terms.min_places is not None and not 1 <= terms.min_places <= run["places"]:
        problems.append(BAD_LEAST)
    if terms.min_places is not None and (terms.decide_by is None or terms.decide_by >= first):
        problems.append(NO_DECIDE)
    if not 0 <= terms.reserved < run["places"]:
        problems.append(BAD_RESERVED)
    if terms.reserved and (terms.reserved_until is None or terms.reserved_until >= first):
        problems.append(BAD_UNTIL)
    return problems


async def publish(run_id: UUID, terms: Terms, *, by: Who, undo_minutes: int) -> UUID:
    """Families may see and book it from now on; returns the event. Raises Refused. Sessions stay as they were saved."""

    async def body() -> UUID:
        run = await drafts.draft_row(run_id, by)
        dates = await _lock(run)
        problems = problems_with(run, terms) + _of_dates(dates)
        if problems:
            raise Refused(problems)
        is_restricted = terms.is_restricted or bool(run["is_hidden"])
        is_listed = terms.is_listed and not is_restricted and run["booking_mode"] not in ("referral", "linked")
        changed = await _columns(run, terms, is_listed=is_listed, is_restricted=is_restricted)
        before = {name: run[name] for name in PUT_BACK}
        await _update(run_id, changed)
        await _open(run, is_listed=is_listed, is_restricted=is_restricted)
        now = clock.now()
        return await audit.record(
            VERB, about_kind="run", about_id=run_id, by=by, hub_id=run["hub_id"],
            before=before, after={"dates": len(dates), "is_listed": is_listed}, undo_until=now + timedelta(minutes=undo_minutes),
        )  # fmt: skip

    return await db.run_tx(body)


async def _lock(run: Row) -> list[Row]:
    """Locks the run and its creche, then their sessions; returns the run's own dates. Raises Refused when it is no draft."""
    ids = drafts.ids_of(run)
    lock = " FOR UPDATE" if db.is_postgres() else ""
    now = await db.rows(f"SELECT id, state FROM run WHERE id IN {db.in_list(ids)} ORDER BY id{lock}", *ids)
    if any(row["state"] != "draft" for row in now):
        raise Refused([drafts.NO_DRAFT])
    return await db.rows(f"SELECT id, starts_at FROM session WHERE run_id = $1 ORDER BY starts_at{lock}", run["id"])


def _of_dates(dates: list[Row]) -> list[Problem]:
    if not dates:
        return [NO_DATES]
    return [OVER] if dates[0]["starts_at"] <= clock.now() else []


async def _columns(run: Row, terms: Terms, *, is_listed: bool, is_restricted: bool) -> Row:
    now = clock.now()
    return {
        "state": "published",
        "published_at": now,
        "is_listed": is_listed,
        "is_restricted": is_restricted,
        "slug": await _slug(run, is_restricted=is_restricted),
        "search_words": "" if is_restricted else await search_words(run),
        "min_places": terms.min_places,
        "decide_by_date": terms.decide_by if terms.min_places else None,
        "decided_at": None,
        "reserved": terms.reserved,
        "reserved_until_at": _end_of(terms.reserved_until) if terms.reserved else None,
        "referral_code": run["referral_code"] or (await free_code() if run["booking_mode"] == "referral" else ""),
    }


async def _slug(run: Row, *, is_restricted: bool) -> str:
    """Its address stays, unless it says what nobody may know, or says nothing although everybody may."""
    if is_restricted:
        return hidden_slug(run["id"])
    if not run["slug"].startswith("private-"):
        return run["slug"]
    place = await db.value("SELECT name FROM location WHERE id = $1", run["location_id"])
    return await free_slug_of(run["title"], place, DAYS[run["weekday"]])


def _end_of(day: date | None) -> datetime | None:
    return clock.at(day, "23:59") if day else None


async def _update(run_id: UUID, changed: Mapping[str, Any]) -> None:
    names = ", ".join(f'"{name}" = ${n}' for n, name in enumerate(changed, start=2))
    await db.execute(f"UPDATE run SET {names} WHERE id = $1", run_id, *changed.values())


async def _open(run: Row, *, is_listed: bool, is_restricted: bool) -> None:
    await db.execute(  # a call is for those on the course alone: it stands among its dates, not in what is on
        "UPDATE session SET state = 'planned', is_listed = ($2 AND kind <> 'call') WHERE run_id = $1",
        run["id"],
        is_listed,
    )
    await keeping_slots.make_missing(run_id=run["id"])
    if run["creche_run_id"]:
        creche = {"state": "published", "published_at": clock.now(), "is_restricted": is_restricted}
        await _update(run["creche_run_id"], creche)
        await db.execute("UPDATE session SET state = 'planned' WHERE run_id = $1", run["creche_run_id"])


async def unpublish(run_id: UUID, event_id: UUID, *, by: Who) -> None:
    """A draft again, as it was. Raises Refused when ten minutes are over, or anybody has booked, waits or fills in the form."""

    async def body() -> None:
        run = await _published(run_id, by)
        ids = drafts.ids_of(run)
        lock = " FOR UPDATE" if db.is_postgres() else ""
        await keeping_slots.lock_runs(ids)
        await db.rows(f"SELECT id FROM run WHERE id IN {db.in_list(ids)} ORDER BY id{lock}", *ids)
        dates = await db.rows(
            f"SELECT id, state FROM session WHERE run_id IN {db.in_list(ids)} ORDER BY id{lock}", *ids
        )
        event = await db.row(
            "UPDATE audit_event SET undone_at = $3 WHERE id = $1 AND about_id = $2 AND verb = $4 AND undone_at IS NULL"
            " AND undo_until > $3 RETURNING before",
            event_id,
            run_id,
            clock.now(),
            VERB,
        )
        if event is None:
            raise Refused([TOO_LATE])
        if await db.row(HANGING_ON, run_id, clock.now()):
            raise Refused([BOOKED])
        if any(date["state"] != "planned" for date in dates):
            raise Refused([CANCELLED])  # its room may be somebody else's by now
        await keeping_slots.forget([date["id"] for date in dates])  # made anew when it is published again
        await _close(ids, as_json(event["before"]))
        await db.execute(
            f"UPDATE session SET state = 'draft', is_listed = $1 WHERE run_id IN {db.in_list(ids, 2)}", False, *ids
        )
        await audit.record("unpublish run", about_kind="run", about_id=run_id, by=by, hub_id=run["hub_id"])

    await db.run_tx(body)


async def _close(ids: list[UUID], before: Mapping[str, Any]) -> None:
    """The run, and its creche, as they were before: also what publishing asked for."""
    run_id, *_ = ids
    await db.execute(
        "UPDATE run SET state = 'draft', published_at = NULL, is_listed = $1, is_restricted = $2, decided_at = NULL,"
        f" decide_by_date = NULL, reserved_until_at = NULL WHERE id IN {db.in_list(ids, 3)}",
        False,
        before["is_restricted"],
        *ids,
    )
    await _update(run_id, before)


async def _published(run_id: UUID, by: Who) -> Row:
    run = await drafts.run_row(run_id)
    if run is None or not may_see(by, run | {"is_restricted": run["is_hidden"]}):
        raise Refused([drafts.NOT_THERE])
    if run["state"] != "published":
        raise Refused([TOO_LATE])
    return run

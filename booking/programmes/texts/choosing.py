"""Several places may be meant: we ask which, with a number each, and remember what the numbers stand for."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.messages import inbox, outbox
from booking.messages.said import Said
from booking.people.models import Person
from booking.programmes import disclosure
from booking.programmes.texts import acting
from booking.programmes.texts.in_question import Thing
from booking.words import short_instant

VALID = timedelta(hours=24)
MOST = 9


async def ask_which(text: dict[str, Any], things: list[Thing], beside: list[dict[str, Any]]) -> bool:
    """Asks the sender which of these they mean; `beside` are options of the question that is open (what was just given up). False
    when that cannot be asked: too many, the very same has just been asked, or the first of them begins."""
    things = sorted(things, key=lambda each: (each.said.starts_at, each.id))
    options = [_option(number, each) for number, each in enumerate(things, start=1)]
    told = _told_apart(things, await _names(things))
    for each in beside:
        options.append({**each, "number": len(options) + 1})
        told.append(await _said_of(UUID(each["id"])))
    until = min(text["received_at"] + VALID, *(each.starts_at for each in told))
    if len(options) > MOST or until <= clock.now() or await _was_asked(text, options):
        return False
    offered = _offered(things) + [False] * len(beside)
    for option, said, is_offered in zip(options, told, offered, strict=True):
        option["words"] = _words(said) + (" (offered)" if is_offered else "")
    await inbox.ask(phone=text["sender"], options=options, until=until, at=clock.now())
    await _queue(text, things[0], told, offered, until)
    await acting.settle(
        text, about=(things[0].kind, things[0].id), hub_id=things[0].hub_id, person_id=things[0].person_id,
        said_back="Asked which of several places they mean",
    )  # fmt: skip
    return True


def _option(number: int, thing: Thing) -> dict[str, Any]:
    session = {"session_id": str(thing.session_id)} if thing.session_id else {}
    return {"number": number, "does": thing.does, "kind": thing.kind, "id": str(thing.id)} | session


async def _was_asked(text: dict[str, Any], options: list[dict[str, Any]]) -> bool:
    asked = await inbox.question(text["sender"], text["received_at"])
    same = [{name: value for name, value in each.items() if name != "words"} for each in asked.options] if asked else []
    return same == options


async def _names(things: list[Thing]) -> dict[UUID, str]:
    """First names, where several people share the number."""
    ids = sorted({each.person_id for each in things})
    if len(ids) < 2:
        return {}
    rows = await db.rows(f"SELECT id, name FROM person WHERE id IN {db.in_list(ids)}", *ids)
    return {row["id"]: row["name"].split(" ")[0] for row in rows}


def _told_apart(things: list[Thing], names: dict[UUID, str]) -> list[Said]:
    """What is said of each: whose it is where several people have the number."""
    told = []
    for each in things:
        whose = names.get(each.person_id, "")
        is_named = whose and not each.said.is_discreet
        told.append(replace(each.said, title=f"{each.said.title} ({whose})") if is_named else each.said)
    return told


def _offered(things: list[Thing]) -> list[bool]:
    """Which of them are to be said to be offered: offers, where others are booked."""
    has_both = len({each.kind for each in things}) > 1
    return [has_both and each.kind == "offer" for each in things]


async def _said_of(booking_id: UUID) -> Said:
    row = await db.row(
        f"SELECT {disclosure.FACTS_AT_SLOT} FROM session s {disclosure.JOINS} JOIN booking b ON b.id = $1 {disclosure.SLOT}"
        " WHERE s.run_id = b.run_id AND (b.session_id IS NULL OR s.id = b.session_id) AND s.starts_at > $2"
        " ORDER BY s.starts_at LIMIT 1",
        booking_id,
        clock.now(),
    )
    assert row is not None
    return disclosure.said(row)


def _words(said: Said) -> str:
    return short_instant(said.starts_at) if said.is_discreet else f"{said.title}, {short_instant(said.starts_at)}"


async def _queue(text: dict[str, Any], first: Thing, told: list[Said], offered: list[bool], until: datetime) -> None:
    """One neutral thing makes the whole question neutral: it then names the times alone."""
    is_discreet = any(each.is_discreet for each in told)
    said = Said(told[0].session_id, told[0].starts_at, told[0].ends_at, is_discreet=True) if is_discreet else told[0]
    await outbox.queue(
        person=await Person.get(id=first.person_id),
        kind="text_choose",
        about=("text", text["id"]),
        dedupe_key=f"text_choose:{text['id']}",
        facts={
            "said": said,
            "dates": [said] if is_discreet else told,
            "choices": [] if is_discreet else [each.title for each in told],
            "offered": offered,
            "times": [each.starts_at for each in told],
        },
        expires_at=until,
        hub_id=first.hub_id,
    )

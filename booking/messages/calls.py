"""Calls that staff make because no message may go or none would arrive: rows of the outbox like any other, but sent by ringing.

What is said to somebody discreet is for staff of that very hub alone. A call keeps the hours of whoever is rung.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from booking import audit, clock, db
from booking.messages import hours
from booking.people.contacts import is_uk_mobile, phone_words
from booking.people.signing_in import Who
from booking.problems import Problem, Refused

How = Literal["spoke", "no answer", "gave up"]
HOW: dict[How, str] = {
    "spoke": "I spoke to them",
    "no answer": "No answer, try again later",
    "gave up": "Nobody reached, no message left",
}
VERB = "rang family"
NO_ANSWER = "rang, no answer"
AGAIN = timedelta(hours=2)
AHEAD = timedelta(hours=12)  # calls that may be made later today are shown too, greyed
MOST = 60
NOT_HERE = Problem("This family is not on the list of those to ring.", rule="not to ring")
CAREFUL = "Say nothing of us until you know that it is {name}: no hub, no session, no message left with anybody or on any machine."
NO_MOBILE = "This number is no mobile: somebody else may pick up."


@dataclass(frozen=True, slots=True)
class Call:
    """One call to make. `from_at` is when it may be made, None for now; `careful` how to ring somebody discreet, one sentence
    each; is_too_late: they cannot be rung before it is too late, and have not been told."""

    id: UUID
    kind: str
    name: str
    phone: str
    phone_words: str
    words: str
    safe_words: str
    contact_words: str
    language: str
    careful: tuple[str, ...]
    hub_id: UUID | None
    session_id: UUID | None
    about_kind: str
    about_id: UUID
    until_at: datetime | None
    from_at: datetime | None
    tried: int
    is_too_late: bool = False


async def to_make(who: Who, *, hub_id: UUID | None = None) -> list[Call]:
    """The calls that `who` may make, at one hub or all of theirs: those to make now first, the most urgent of them before."""
    now = clock.now()
    parameters: list[Any] = [now, now + AHEAD]
    scope = _scope(who, hub_id, parameters)
    found = await db.rows(
        f"{SELECT} WHERE m.channel = 'call' AND m.state = 'queued' AND m.next_try_at <= $2"
        f" AND (m.expires_at IS NULL OR m.expires_at > $1) AND {scope}"
        f" ORDER BY m.urgency, COALESCE(m.expires_at, m.next_try_at), m.id LIMIT {MOST}",
        *parameters,
    )
    made = [_call(row, now) for row in found]
    return sorted(made, key=lambda call: (call.from_at is not None, call.from_at or now))


SELECT = (
    "SELECT m.id, m.kind, m.body, m.address, m.is_discreet, m.urgency, m.hub_id, m.session_id, m.about_kind, m.about_id,"
    " m.expires_at, m.next_try_at, m.attempts, m.created_at, p.name, p.phone, p.safe_from, p.safe_to, p.safe_days,"
    " p.hears_urgent, p.contact_words, p.language, p.is_discreet AS is_discreet_person"
    " FROM message m JOIN person p ON p.id = m.person_id"
)


def _scope(who: Who, hub_id: UUID | None, parameters: list[Any]) -> str:
    """The hubs of who asks; of discreet ones those they work at."""
    of_hubs = [hub_id] if hub_id and who.may_act_at(hub_id) else who.hub_ids
    discreet = [each for each in sorted(who.role_hubs) if of_hubs is None or each in of_hubs]
    return f"{_in_hubs(of_hubs, parameters)} AND (NOT (m.is_discreet OR p.is_discreet) OR {_in_hubs(discreet, parameters)})"


def _in_hubs(hub_ids: list[UUID] | None, parameters: list[Any]) -> str:
    if hub_ids is None:
        return "1 = 1"
    if not hub_ids:
        return "1 = 0"
    first = len(parameters) + 1
    parameters.extend(hub_ids)
    return f"m.hub_id IN {db.in_list(hub_ids, first)}"


def _call(row: dict[str, Any], now: datetime) -> Call:
    opens_at = hours.may_leave(
        hours.of(row, "call"), max(now, row["next_try_at"]), kind=row["kind"], urgency=row["urgency"],
        hears_urgent=bool(row["hears_urgent"]), asked_at=row["created_at"],
    )  # fmt: skip
    is_discreet = bool(row["is_discreet"] or row["is_discreet_person"])
    return Call(
        id=row["id"],
        kind=row["kind"],
        name=row["name"],
        phone=row["phone"],
        phone_words=phone_words(row["phone"]) if row["phone"] else "",
        words=row["body"],
        safe_words=hours.safe_words(row),
        contact_words=row["contact_words"],
        language=row["language"],
        careful=_careful(row) if is_discreet else (),
        hub_id=row["hub_id"],
        session_id=row["session_id"],
        about_kind=row["about_kind"],
        about_id=row["about_id"],
        until_at=row["expires_at"],
        from_at=opens_at if opens_at > now else None,
        tried=row["attempts"],
        is_too_late=row["expires_at"] is not None and opens_at >= row["expires_at"],
    )


def _careful(row: dict[str, Any]) -> tuple[str, ...]:
    words = CAREFUL.format(name=row["name"])
    return (words, NO_MOBILE) if row["phone"] and not is_uk_mobile(row["phone"]) else (words,)


async def settle(call_id: UUID, by: Any, how: How, words: str = "") -> bool:
    """Somebody has rung. `spoke` and `gave up` end it, `no answer` brings it back in two hours. Twice is once: returns whether
    this was the first.

    Raises Refused for a call that is not there, or not for who asks; ValueError for a `how` that is none.
    """
    if how not in HOW:
        raise ValueError(f"how did it go? {how!r}")

    async def body() -> bool:
        row = await db.row(f"{SELECT} WHERE m.id = $1 AND m.channel = 'call' AND m.state <> 'void'", call_id)
        if row is None or not _may_settle(by, row):
            raise Refused([NOT_HERE])
        said = (HOW[how] + (f": {words.strip()}" if words.strip() else ""))[:300]
        settled = await (_ring_again if how == "no answer" else _end)(row, by, how, said)
        if settled:
            await audit.record(
                NO_ANSWER if how == "no answer" else VERB, about_kind=row["about_kind"], about_id=row["about_id"], by=by,
                hub_id=row["hub_id"], why="" if how == "spoke" else HOW[how],
            )  # fmt: skip
        return settled

    return await db.run_tx(body)


async def is_theirs(call_id: UUID, who: Who) -> bool:
    """Whether there is such a call, made or not, that `who` may see."""
    row = await db.row(f"{SELECT} WHERE m.id = $1 AND m.channel = 'call'", call_id)
    return row is not None and _may_settle(who, row)


def _may_settle(by: Who, row: dict[str, Any]) -> bool:
    if row["hub_id"] is None:
        return by.is_admin
    is_discreet = row["is_discreet"] or row["is_discreet_person"]
    return by.works_at(row["hub_id"]) if is_discreet else by.may_act_at(row["hub_id"])


async def _end(row: dict[str, Any], by: Any, how: How, said: str) -> bool:
    state, error = ("sent", "") if how == "spoke" else ("missed", HOW[how])
    found = await db.row(
        "UPDATE message SET state = $2, sent_at = $3, handled_by_id = $4, handled_words = $5, error = $6,"
        " attempts = attempts + 1 WHERE id = $1 AND state = 'queued' RETURNING id",
        row["id"], state, clock.now() if how == "spoke" else None, by.id, said, error,
    )  # fmt: skip
    return found is not None


async def _ring_again(row: dict[str, Any], by: Any, how: How, said: str) -> bool:
    """Pressed twice within a moment it counts once: by then it is for later."""
    found = await db.row(
        "UPDATE message SET next_try_at = $2, handled_words = $3, attempts = attempts + 1"
        " WHERE id = $1 AND state = 'queued' AND next_try_at <= $4 RETURNING id",
        row["id"], clock.now() + AGAIN, said, clock.now(),
    )  # fmt: skip
    return found is not None


async def of_session(session_id: UUID, kinds: tuple[str, ...], batch_ids: list[UUID]) -> list[dict[str, Any]]:
    """The calls about a session, also those of acts on several dates (`batch_ids`): call_id, id (of the booking or place in
    line), kind, name, phone, phone_words, is_rung, person_id, batch_id; by name."""
    batches = f" OR m.batch_id IN {db.in_list(batch_ids, 2 + len(kinds))}" if batch_ids else ""
    found = await db.rows(
        "SELECT m.id AS call_id, m.about_id AS id, m.about_kind AS kind, m.person_id, m.batch_id, m.session_id, p.name, p.phone,"
        " CASE WHEN m.handled_by_id IS NULL THEN 0 ELSE 1 END AS is_rung FROM message m JOIN person p ON p.id = m.person_id"
        f" WHERE m.channel = 'call' AND m.state <> 'void' AND m.kind IN {db.in_list(kinds, 2)}"
        f" AND (m.session_id = $1{batches}) ORDER BY p.name, m.created_at DESC",
        session_id,
        *kinds,
        *batch_ids,
    )
    return [
        row | {"phone_words": phone_words(row["phone"]) if row["phone"] else "", "is_rung": bool(row["is_rung"])}
        for row in found
    ]

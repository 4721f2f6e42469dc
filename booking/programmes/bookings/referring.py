"""Families who come by referral: by a code that a professional gave them, or put forward by a partner."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.programmes import disclosure
from booking.programmes.bookings import booking_places, leasing
from booking.programmes.bookings.booking_places import LETTERS, Contact
from booking.programmes.bookings.coming import Party
from booking.programmes.bookings.leasing import Target
from booking.programmes.models import Booking, WaitingEntry
from booking.programmes.run_words import free_code
from booking.programmes.waiting import waiting

# whole runs, and groups that are booked session by session; never what is restricted: its own staff book that (promise P5)
OPEN = (
    "r.state = 'published' AND (r.booking_mode = 'referral' OR r.takes_referrals) AND r.booking_mode IN"
    " ('run', 'referral', 'session') AND NOT r.is_restricted AND NOT l.is_restricted"
    # a whole run until it can no longer be joined
    " AND (r.booking_mode = 'session' OR EXISTS (SELECT 1 FROM session d JOIN programme p ON p.id = r.programme_id"
    " WHERE d.run_id = r.id AND d.state = 'planned' AND d.number <= p.entry_sessions AND d.starts_at > $1))"
)
WHAT = "r.title, l.name AS place, (r.is_restricted OR l.is_restricted OR COALESCE(m.is_restricted, FALSE)) AS is_restricted"
OF_WHAT = (
    "JOIN run r ON r.id = b.run_id JOIN location l ON l.id = r.location_id LEFT JOIN session s ON s.id = b.session_id"
    " LEFT JOIN location m ON m.id = s.location_id"
)
REFERRED = "Referred"
RESTRICTED = Problem("What is restricted has no code: its own staff book families.", rule="restricted")
NOT_OPEN = Problem("This is not open to referrals any more.", "run", rule="not open")
NO_CONSENT = Problem("Confirm that the family has agreed to be referred", "consent", rule="missing")


@dataclass(frozen=True, slots=True)
class Open:
    """What a partner may refer to: a whole run, or one date of a group."""

    run_id: UUID
    session_id: UUID | None
    title: str
    place: str
    date: date

    @property
    def value(self) -> str:
        return str(self.session_id or self.run_id)


def tidy_code(text: str) -> str:
    """ "k7m4 qxp" as it is kept: "K7M4-QXP"; "" for what can be none."""
    letters = "".join(c for c in text.upper() if c in LETTERS)
    return f"{letters[:4]}-{letters[4:]}" if len(letters) == 7 else ""


async def give_code(*, run_id: UUID, by: Who) -> str:
    """A new code for a run, by which families may book it without its being listed; an earlier one opens nothing any more.

    Raises Refused for what is restricted.
    """

    async def body() -> str:
        run = await db.row(
            "SELECT r.hub_id, (r.is_restricted OR l.is_restricted) AS is_restricted FROM run r"
            " JOIN location l ON l.id = r.location_id WHERE r.id = $1",
            run_id,
        )
        if run is None or run["is_restricted"]:
            raise Refused([RESTRICTED])
        code = await free_code()
        await db.execute("UPDATE run SET referral_code = $2 WHERE id = $1", run_id, code)
        await audit.record("give code", about_kind="run", about_id=run_id, by=by, hub_id=run["hub_id"])
        return code

    return await db.run_tx(body)


async def run_of_code(text: str) -> UUID | None:
    """The run that the code opens, or None: unknown, over, or hidden since."""
    code = tidy_code(text)
    if not code:
        return None
    return await db.value(
        "SELECT r.id FROM run r JOIN location l ON l.id = r.location_id WHERE r.referral_code = $1"
        " AND r.state = 'published' AND NOT r.is_restricted AND NOT l.is_restricted",
        code,
    )


async def open_ones() -> list[Open]:
    """What partners may refer to: runs by their next date, and the next dates of groups, by title and day."""
    now = clock.now()
    found = await db.rows(
        "SELECT r.id AS run_id, s.id AS session_id, r.title, l.name, s.date, r.booking_mode FROM run r"
        " JOIN session s ON s.run_id = r.id AND s.state = 'planned' AND s.starts_at > $1"
        f" JOIN location l ON l.id = s.location_id WHERE {OPEN} ORDER BY r.title, l.name, s.starts_at LIMIT 4000",
        now,
    )
    seen: dict[UUID, int] = {}
    offered = []
    for row in found:
        seen[row["run_id"]] = seen.get(row["run_id"], 0) + 1
        if seen[row["run_id"]] > (4 if row["booking_mode"] == "session" else 1):
            continue
        session_id = row["session_id"] if row["booking_mode"] == "session" else None
        offered.append(Open(row["run_id"], session_id, row["title"], row["name"], row["date"]))
    return offered


async def refer(
    *, to: Open, organisation_id: UUID, contact: Contact, party: Party, places: int, has_consent: bool, by: Who
) -> Booking | WaitingEntry:
    """Books a family at once, as one for whom places may be reserved, or puts it in line with a reason to be asked early.

    The family hears of it by itself. Raises Refused: no consent, no longer open, cancelled, begun, already booked.
    """
    if not has_consent:
        raise Refused([NO_CONSENT])

    async def body() -> Booking | WaitingEntry:
        if to not in await open_ones():
            raise Refused([NOT_OPEN])
        target = Target(to.run_id, to.session_id)
        try:
            lease_id = await leasing.lease(target, places=places, is_priority=True)
        except Refused as refused:
            if not {"full", "too few", "line first"} & refused.rules:
                raise
            return await _wait(target, organisation_id, contact, party, places, by)
        booking = await booking_places.book(lease_id=lease_id, contact=contact, party=party, by=by, source="referral")
        await db.execute("UPDATE booking SET organisation_id = $2 WHERE id = $1", booking.id, organisation_id)
        await _record(booking.id, "booking", to, by)
        return booking

    return await db.run_tx(body)


async def _wait(
    target: Target, organisation_id: UUID, contact: Contact, party: Party, places: int, by: Who
) -> WaitingEntry:
    draft = await leasing.start_waiting_draft(target)
    entry = await waiting.join(lease_id=draft, contact=contact, party=party, places=places, by=by)
    await db.execute(
        "UPDATE waiting_entry SET organisation_id = $2, priority = 1, priority_reason = $3 WHERE id = $1",
        entry.id, organisation_id, REFERRED,
    )  # fmt: skip
    hub_id = await db.value("SELECT hub_id FROM run WHERE id = $1", target.run_id)
    await audit.record("refer family", about_kind="waiting", about_id=entry.id, by=by, hub_id=hub_id)
    return entry


async def _record(about_id: UUID, kind: str, to: Open, by: Who) -> None:
    hub_id = await db.value("SELECT hub_id FROM run WHERE id = $1", to.run_id)
    await audit.record("refer family", about_kind=kind, about_id=about_id, by=by, hub_id=hub_id)


def with_note(party: Party, note: str) -> Party:
    """How the family may be contacted stands before its needs: staff read both, and both are wiped together."""
    note = " ".join(note.split())
    return replace(party, needs=f"Contact: {note} {party.needs}".strip()) if note else party


async def referred_by(organisation_id: UUID, limit: int = 60) -> list[dict[str, Any]]:
    """What became of a partner's own referrals, the latest first: name, title, place, date, state, since_at. Of what has become
    restricted since it reads no more than its own family's name (promise P5)."""
    found = await db.rows(
        f"SELECT b.id, p.name, {WHAT}, b.state, b.created_at AS since_at, b.reference, s.date"
        f" FROM booking b JOIN person p ON p.id = b.person_id {OF_WHAT} WHERE b.organisation_id = $1 UNION ALL"
        f" SELECT b.id, p.name, {WHAT}, b.state, b.created_at AS since_at, b.reference, s.date"
        f" FROM waiting_entry b JOIN person p ON p.id = b.person_id {OF_WHAT}"
        f" WHERE b.organisation_id = $1 AND b.state <> 'booked' ORDER BY since_at DESC LIMIT {int(limit)}",
        organisation_id,
    )
    hidden = {"title": disclosure.PRIVATE, "place": "", "date": None}
    return [row | hidden if row["is_restricted"] else row for row in found]

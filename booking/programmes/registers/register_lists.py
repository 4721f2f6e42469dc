"""One session as its staff see it: facts, who is expected, who waits, who came, what was said and done about it."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from booking import db, words
from booking.people.contacts import phone_words
from booking.people.signing_in import Who
from booking.programmes.bookings import first_visits
from booking.programmes.creche import creche_register
from booking.programmes.staff_lists import COLUMNS, TABLES, within


@dataclass(frozen=True, slots=True)
class Expected:
    """One who is booked. `status`: attended, absent, apologies (also when the family said so before) or None."""

    id: UUID
    name: str
    kind: str
    age: str
    status: str | None
    is_marked: bool
    in_creche: bool = False


@dataclass(slots=True)
class Party:
    """One booking: who booked, how to reach them, who comes."""

    booking_id: UUID
    person_id: UUID
    reference: str
    name: str
    phone: str
    phone_words: str
    email: str
    needs: str
    places: int
    is_whole_run: bool
    will_miss: bool
    slot: str = ""
    worker: str = ""
    work: str = ""
    is_first_visit: bool = False
    referred_by: str = ""
    catches_up: bool = False
    creche: str = ""
    people: list[Expected] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class WalkIn:
    id: UUID
    name: str
    adults: int
    children: int


@dataclass(frozen=True, slots=True)
class Register:
    parties: list[Party]
    walk_ins: list[WalkIn]

    @property
    def people(self) -> list[Expected]:
        return [person for party in self.parties for person in party.people]

    @property
    def unmarked(self) -> int:
        return sum(1 for person in self.people if person.status is None)

    def count(self, status: str) -> int:
        return sum(1 for person in self.people if person.status == status)


async def find_session(who: Who, session_id: UUID) -> dict[str, Any] | None:
    """The session's facts within the hubs of who asks; None when it is not theirs to open, or of a draft."""
    condition, parameters = within(who, 2)
    found = await db.row(
        f"SELECT {COLUMNS}, s.places AS own_places, s.taken, s.sequence, s.location_id, s.room_id, s.room_booking_id, s.edited, r.slug,"
        " COALESCE(NULLIF(s.facilitator_1, ''), r.facilitator_1) AS facilitator_1,"
        " COALESCE(NULLIF(s.facilitator_2, ''), r.facilitator_2) AS facilitator_2, r.takes_referrals, r.is_first_visit_booked, r.referral_code, r.slot_minutes, r.min_age_months, r.max_age_months, p.id AS programme_id,"
        " (SELECT COUNT(*) FROM session o WHERE o.run_id = r.id) AS session_count"
        f" FROM {TABLES} WHERE s.id = $1 AND s.state <> 'draft' AND {condition}",
        session_id,
        *parameters,
    )
    if found is None or (found["is_restricted"] and not who.works_at(found["hub_id"])):
        return None
    return found


async def register_of(session: dict[str, Any]) -> Register:
    """Everybody booked on the session or its whole run, and the walk-ins; on a creche's session the children with a place
    there. Four queries."""
    whose, which = creche_register.who_is_on(session["booking_mode"])
    found = await db.rows(
        "SELECT b.id AS booking_id, b.reference, b.needs, b.places, b.session_id, b.person_id, p.name, p.phone, p.email,"
        " a.id AS attendee_id, a.kind, a.name AS attendee_name, a.birth_year, a.birth_month, m.state AS status,"
        " x.id AS missed_id, t.starts_at, t.worker, b.work, g.name AS referred_by, a.in_creche, b.catches_up_id FROM booking b JOIN person p ON p.id = b.person_id"
        " LEFT JOIN slot t ON t.id = b.slot_id LEFT JOIN organisation g ON g.id = b.organisation_id"
        f" LEFT JOIN attendee a ON a.booking_id = b.id{which}"
        " LEFT JOIN attendance m ON m.attendee_id = a.id AND m.session_id = $1"
        " LEFT JOIN missed_date x ON x.booking_id = b.id AND x.session_id = $1"
        f" WHERE {whose}"
        " ORDER BY t.starts_at, t.worker, lower(p.name), b.id, a.kind, a.id",
        session["session_id"],
        session["run_id"],
    )
    parties = _parties(found, session["date"])
    first = await first_visits.first_ones(session, [party.booking_id for party in parties])
    creche = await creche_register.marks(session["session_id"])
    for party in parties:
        party.is_first_visit = party.booking_id in first
        party.creche = creche.get(party.booking_id, "")
    return Register(parties, await _walk_ins(session["session_id"]))


def _parties(found: list[dict[str, Any]], day: date) -> list[Party]:
    parties: dict[UUID, Party] = {}
    for row in found:
        party = parties.get(row["booking_id"])
        if party is None:
            party = parties[row["booking_id"]] = Party(
                booking_id=row["booking_id"],
                person_id=row["person_id"],
                reference=row["reference"],
                name=row["name"],
                phone=row["phone"],
                phone_words=phone_words(row["phone"]) if row["phone"] else "",
                email=row["email"],
                needs=row["needs"],
                places=row["places"],
                is_whole_run=row["session_id"] is None,
                will_miss=row["missed_id"] is not None,
                catches_up=row["catches_up_id"] is not None,
                slot=words.clock_time(row["starts_at"]) if row["starts_at"] else "",
                worker=row["worker"] or "",
                work=row["work"],
                referred_by=row["referred_by"] or "",
            )
        if row["attendee_id"]:
            party.people.append(_expected(row, day))
    return list(parties.values())


def _expected(row: dict[str, Any], day: date) -> Expected:
    default = "apologies" if row["missed_id"] else None
    return Expected(
        id=row["attendee_id"],
        name=row["attendee_name"],
        kind=row["kind"],
        age=_age(row, day) if row["birth_year"] else "",
        status=row["status"] or default,
        is_marked=row["status"] is not None,
        in_creche=bool(row["in_creche"]),
    )


def _age(row: dict[str, Any], day: date) -> str:
    """A child's age; of an adult who expects a baby, when."""
    if row["kind"] == "adult":
        return f"Due {words.MONTHS[row['birth_month'] - 1]} {row['birth_year']}"
    return age_words(row["birth_year"], row["birth_month"], day)


def age_words(birth_year: int, birth_month: int, day: date) -> str:
    """A child's age at a date: "7 months", "1 year 3 months", "4 years"; "not born yet" before the month of birth."""
    months = words.age_at(birth_year, birth_month, day)
    if months < 0:
        return "not born yet"
    years, rest = divmod(months, 12)
    if years == 0:
        return words.count_words(rest, "month")
    if years >= 5 or rest == 0:
        return words.count_words(years, "year")
    return f"{words.count_words(years, 'year')} {words.count_words(rest, 'month')}"


async def _walk_ins(session_id: UUID) -> list[WalkIn]:
    found = await db.rows(
        "SELECT id, walk_in_name, adults, children FROM attendance WHERE session_id = $1 AND attendee_id IS NULL"
        " ORDER BY at, id",
        session_id,
    )
    return [WalkIn(row["id"], row["walk_in_name"], row["adults"], row["children"]) for row in found]


async def waiting_of(session: dict[str, Any]) -> list[dict[str, Any]]:
    """Who waits for a place or holds an offer, in line: name, phone, places, since, is_whole_run, state."""
    found = await db.rows(
        "SELECT w.id, w.person_id, w.reference, w.places, w.needs, w.created_at, w.session_id, w.who, w.state, p.name, p.phone, p.email"
        " FROM waiting_entry w JOIN person p ON p.id = w.person_id WHERE w.state IN ('waiting', 'offered')"
        " AND (w.session_id = $1 OR (w.session_id IS NULL AND w.run_id = $2))"
        " ORDER BY CASE WHEN w.state = 'offered' THEN 0 ELSE 1 END, w.priority DESC, w.created_at, w.id",
        session["session_id"],
        session["run_id"],
    )
    return [row | {"phone_words": phone_words(row["phone"]) if row["phone"] else ""} for row in found]


async def messages_about(session_id: UUID, limit: int = 60) -> list[dict[str, Any]]:
    """What was or will be sent about the session: person, kind, channel, state and when."""
    return await db.rows(
        "SELECT m.id, m.kind, m.channel, m.state, m.due_at, m.sent_at, m.error, m.batch_id, p.name FROM message m"
        " LEFT JOIN person p ON p.id = m.person_id WHERE m.session_id = $1"
        f" ORDER BY m.created_at DESC, m.id LIMIT {int(limit)}",
        session_id,
    )


async def trail_of(session_id: UUID, limit: int = 60) -> list[dict[str, Any]]:
    """What was done about the session and its own bookings, the latest first; taps of the tally are left out."""
    return await db.rows(
        "SELECT id, at AS happened_at, verb, by_name, why, undo_until AS undo_until_at, undone_at FROM audit_event"
        " WHERE verb <> 'count people'"
        " AND (about_id = $1 OR about_id IN (SELECT b.id FROM booking b WHERE b.session_id = $1))"
        f" ORDER BY at DESC, id DESC LIMIT {int(limit)}",
        session_id,
    )


async def latest_cancelling(session_id: UUID) -> dict[str, Any] | None:
    """The event of the cancelling that stands: id, by_name, happened_at, undo_until_at, after."""
    return await db.row(
        "SELECT id, by_name, at AS happened_at, undo_until AS undo_until_at, after FROM audit_event"
        " WHERE about_id = $1 AND verb = 'cancel session' AND undone_at IS NULL ORDER BY at DESC LIMIT 1",
        session_id,
    )

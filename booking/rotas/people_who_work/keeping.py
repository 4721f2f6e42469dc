"""People on the rota: added and changed as a whole, ended and taken back. Each verb is for managers of their home hub."""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError

from booking import audit, clock, db
from booking.people.models import Person, Role, SignedIn
from booking.people.signing_in import Who
from booking.places import near
from booking.problems import Problem, Refused
from booking.rotas import calendar_mails
from booking.rotas.models import StaffProfile, WorkPattern
from booking.rotas.people_who_work.worker_facts import COLUMNS, CONTACT, PRIVATE, Facts, one_line
from booking.rotas.values import Stretch

GONE = Problem("This person is not on the rota any more.", rule="gone")
NOT_YOURS = Problem("Choose one of your own hubs.", "hub", rule="not yours")
NAME_TAKEN = Problem(
    "Somebody else on the rota is known by this name. Add the first letter of the last name.",
    "known_as",
    rule="name taken",
)
ON_THE_ROTA = Problem("Whoever has this address is on the rota already.", "email", rule="on the rota")
TWO_WITH_ADDRESS = Problem("Somebody else who works here has this address.", "email", rule="address taken")
NEEDS_ADDRESS = Problem(
    "Enter an email address or a phone number, so that they hear of their duties.", "email", rule="missing"
)
NEEDS_ORGANISATION = Problem("Choose the organisation they come from.", "organisation", rule="missing")
NEEDS_PLACES = Problem(
    "Tick the places where they work: partner workers are planned nowhere else.", "works_at", rule="missing"
)
NO_POSTCODE = Problem("This postcode is not known here. Check it, or leave it empty.", "postcode", rule="postcode")
ADMIN_CONTACT = Problem(
    "They sign in to more than the rota with this address, so a county administrator changes it.",
    "email",
    rule="admin only",
)
NO_REASON = Problem("Say why, for whoever reads it later.", "why", rule="missing")
NOT_ENDED = Problem("They have not ended.", rule="not ended")


async def save_worker(facts: Facts, *, by: Who | None, staff_id: UUID | None = None, by_name: str = "") -> UUID:
    """Adds somebody to the rota (staff_id None) or makes them as `facts` say; returns the id of their profile.

    Somebody new whose address belongs to a member of staff or a partner's booker gets the rota beside what they have; a
    parent's own record is never used. Raises Refused with Problems beside the fields.
    """
    found = [*problems_of(facts), *_not_yours(facts.hub_id, by)]
    if found:
        raise Refused(found)

    async def body() -> UUID:
        return await (_change(staff_id, facts, by, by_name) if staff_id else _add(facts, by, by_name))

    try:
        return await db.run_tx(body)
    except IntegrityError as error:  # somebody else took the name at the same moment
        raise Refused([NAME_TAKEN]) from error


def problems_of(facts: Facts) -> list[Problem]:
    """What is wrong with the facts by the rules of their kind. Pure."""
    found = []
    if facts.kind == "partner":
        found += [NEEDS_ORGANISATION] if facts.organisation_id is None else []
        found += [NEEDS_PLACES] if not facts.works_at else []
    if facts.kind != "staff" and facts.weekly_minutes is not None:
        words = "Volunteers and partner workers have no contract. Leave the hours empty."
        found.append(Problem(words, "weekly_hours", rule="no contract"))
    if facts.kind == "staff" and facts.weekly_minutes is None:
        found.append(Problem("Enter the hours a week of their contract.", "weekly_hours", rule="missing"))
    if facts.from_date and facts.to_date and facts.to_date < facts.from_date:
        found.append(Problem("The last day is before the first.", "to_date", rule="order"))
    return found


def _not_yours(hub_id: UUID, by: Who | None) -> list[Problem]:
    return [] if by is None or by.manages(hub_id) else [NOT_YOURS]


async def _add(facts: Facts, by: Who | None, by_name: str) -> UUID:
    await _refuse_taken(facts.known_as)
    columns = await _columns(facts)
    person = await _person(facts)
    profile = await StaffProfile.create(person_id=person.id, **columns)
    await Role.create(person_id=person.id, kind="worker", hub_id=facts.hub_id)
    await _write_pattern(profile.id, facts.pattern or ())
    await _record(
        "add to rota", profile.id, facts.hub_id, by, by_name, after={"known_as": facts.known_as, "kind": facts.kind}
    )
    return profile.id


async def _person(facts: Facts) -> Person:
    if not (facts.email or facts.phone):
        raise Refused([NEEDS_ADDRESS])
    known = await Person.filter(email=facts.email, roles__not_isnull=True).first() if facts.email else None
    if known is None:
        return await Person.create(
            name=facts.name or facts.known_as, email=facts.email or "", phone=facts.phone or "",
            channel=facts.channel or ("email" if facts.email else "sms"), created_at=clock.now(),
        )  # fmt: skip
    if await StaffProfile.exists(person_id=known.id):
        raise Refused([ON_THE_ROTA])
    return known


async def _change(staff_id: UUID, facts: Facts, by: Who | None, by_name: str) -> UUID:
    before = await locked(staff_id, by)
    await _refuse_taken(facts.known_as, besides=staff_id)
    columns = await _columns(facts)
    changed = {name: value for name, value in columns.items() if value != getattr(before, name)}
    if changed:
        await StaffProfile.filter(id=staff_id).update(**changed)
    if "hub_id" in changed:
        await Role.filter(person_id=before.person_id, kind="worker").update(hub_id=facts.hub_id)
    contact = await _change_contact(before.person_id, facts, by)
    pattern = facts.pattern is not None and await _changes_pattern(staff_id, facts.pattern)
    if changed or contact or pattern:
        was = {name: getattr(before, name) for name in changed}
        more = dict.fromkeys((*contact, *(("pattern",) if pattern else ())), True)
        await _record(
            "change on rota", staff_id, facts.hub_id, by, by_name, before=plain(was), after=plain(changed) | more
        )
    if changed.get("gets_invites"):
        await calendar_mails.send_all(staff_id)
    return staff_id


async def _change_contact(person_id: UUID, facts: Facts, by: Who | None) -> list[str]:
    """Changes how they are reached; returns what of it. Who has other roles signs in by it, so only administrators change theirs."""
    person = await Person.get(id=person_id)
    wanted = {name: getattr(facts, name) for name in CONTACT if getattr(facts, name) is not None}
    if facts.name is not None:
        wanted["name"] = facts.name
    changed = {name: value for name, value in wanted.items() if value != getattr(person, name)}
    signs_in = {"email", "phone"} & set(changed)
    if (
        signs_in
        and by is not None
        and not by.is_admin
        and await Role.filter(person_id=person_id).exclude(kind="worker").exists()
    ):
        raise Refused([ADMIN_CONTACT])
    if (
        changed.get("email")
        and await Person.filter(email=changed["email"], roles__not_isnull=True).exclude(id=person_id).exists()
    ):
        raise Refused([TWO_WITH_ADDRESS])
    if not (wanted.get("email", person.email) or wanted.get("phone", person.phone)):
        raise Refused([NEEDS_ADDRESS])
    if signs_in:
        changed |= {f"{name}_state": "ok" for name in signs_in}
        await SignedIn.filter(person_id=person_id, purpose="worker").delete()
    if changed:
        await Person.filter(id=person_id).update(**changed)
    return sorted(wanted.keys() & changed.keys())


async def _columns(facts: Facts) -> dict[str, Any]:
    """The columns of the profile, with the point of the postcode."""
    columns = {name: getattr(facts, name) for name in COLUMNS}
    columns["place_ids"] = None if facts.works_at is None else sorted(str(id) for id in facts.works_at)
    point = await near.find_point(facts.postcode) if facts.postcode else None
    if facts.postcode and point is None:
        raise Refused([NO_POSTCODE])
    return columns | {"lat": point.lat if point else None, "lon": point.lon if point else None}


async def locked(staff_id: UUID, by: Who | None) -> StaffProfile:
    """Their profile, locked where the database locks rows. Raises Refused: gone, or another hub's."""
    profile = await StaffProfile.filter(id=staff_id).select_for_update(no_key=True).first()
    if profile is None or _not_yours(profile.hub_id, by):
        raise Refused([GONE])
    return profile


async def _refuse_taken(known_as: str, besides: UUID | None = None) -> None:
    found = await db.row(
        "SELECT id FROM staff_profile WHERE lower(known_as) = $1 AND id <> $2", known_as.lower(), besides or db.new_id()
    )
    if found:
        raise Refused([NAME_TAKEN])


def _in_order(pattern: Iterable[Any]) -> list[tuple[int, int, str, str, str]]:
    return sorted({(-1 if it.week is None else it.week, it.weekday, it.start, it.end, it.kind) for it in pattern})


async def _changes_pattern(staff_id: UUID, pattern: Sequence[Stretch]) -> bool:
    if _in_order(await WorkPattern.filter(staff_id=staff_id)) == _in_order(pattern):
        return False
    await WorkPattern.filter(staff_id=staff_id).delete()
    await _write_pattern(staff_id, pattern)
    return True


async def _write_pattern(staff_id: UUID, pattern: Sequence[Stretch]) -> None:
    lines = [(db.new_id(), staff_id, None if week < 0 else week, *rest) for week, *rest in _in_order(pattern)]
    await db.insert_many("work_pattern", ("id", "staff_id", "week", "weekday", "start", "end", "kind"), lines)


async def end_worker(*, staff_id: UUID, last_day: date, why: str, by: Who | None) -> list[UUID]:
    """Their last day here; returns the shifts after it that are still theirs, which stay until somebody else has them and are red
    meanwhile. Sign-in to their duties ends with it, at once where the day is over. Raises Refused."""

    async def body() -> list[UUID]:
        profile = await locked(staff_id, by)
        if not one_line(why):
            raise Refused([NO_REASON])
        if profile.from_date and last_day < profile.from_date:
            raise Refused([Problem("That is before their first day.", "last_day", rule="order")])
        await StaffProfile.filter(id=staff_id).update(to_date=last_day)
        if last_day < clock.today():
            await _close_door(profile.person_id)
        words = one_line(why)
        await _record("end on rota", staff_id, profile.hub_id, by, "", why=words, after={"to_date": str(last_day)})
        return [row["id"] for row in await still_theirs(staff_id, last_day)]

    return await db.run_tx(body)


async def take_back(*, staff_id: UUID, by: Who | None) -> None:
    """Undoes an ending: no last day, and they can sign in again. Raises Refused: gone, not ended."""

    async def body() -> None:
        profile = await locked(staff_id, by)
        if profile.to_date is None:
            raise Refused([NOT_ENDED])
        await StaffProfile.filter(id=staff_id).update(to_date=None)
        if not await Role.filter(person_id=profile.person_id, kind="worker").exists():
            await Role.create(person_id=profile.person_id, kind="worker", hub_id=profile.hub_id)
        await _record("stay on rota", staff_id, profile.hub_id, by, "", before={"to_date": str(profile.to_date)})

    await db.run_tx(body)


async def close_doors() -> int:
    """Takes the sign-in of everybody whose last day is over; returns how many. For the daily job, idempotent."""
    rows = await db.rows(
        "SELECT f.person_id FROM staff_profile f JOIN role r ON r.person_id = f.person_id AND r.kind = 'worker'"
        " WHERE f.to_date < $1 ORDER BY f.person_id",
        clock.today(),
    )
    for row in rows:
        await db.run_tx(lambda id=row["person_id"]: _close_door(id))
    return len(rows)


async def _close_door(person_id: UUID) -> None:
    await Role.filter(person_id=person_id, kind="worker").delete()
    await SignedIn.filter(person_id=person_id, purpose="worker").delete()


async def still_theirs(staff_id: UUID, after: date) -> list[dict[str, Any]]:
    """Open shifts later than that day that are theirs in either layer, in order of time: id, starts_at, is_published."""
    return await db.rows(
        "SELECT s.id, s.starts_at, MAX(CASE WHEN a.layer = 'published' THEN 1 ELSE 0 END) AS is_published FROM assignment a"
        " JOIN shift s ON s.id = a.shift_id WHERE a.staff_id = $1 AND s.date > $2 AND s.state = 'open' AND s.starts_at > $3"
        " GROUP BY s.id, s.starts_at ORDER BY s.starts_at, s.id",
        staff_id,
        after,
        clock.now(),
    )


async def _record(verb: str, staff_id: UUID, hub_id: UUID, by: Who | None, by_name: str, **values: Any) -> None:
    await audit.record(verb, about_kind="worker", about_id=staff_id, hub_id=hub_id, by=by, by_name=by_name, **values)


def plain(values: dict[str, Any]) -> dict[str, Any]:
    """As JSON can hold it, without what is private or says where they live."""
    shown = {name: value for name, value in values.items() if name not in (*PRIVATE, "lat", "lon")}
    text = json.loads(json.dumps(shown, default=str))
    return text | {name: True for name in values if name in PRIVATE}

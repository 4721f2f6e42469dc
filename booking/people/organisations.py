"""Partner organisations: kept by hub managers and county administrators, and who may book for them."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError

from booking import audit, clock, db
from booking.people.contacts import read_email, read_name
from booking.people.models import Organisation, Person, Role, SignedIn
from booking.people.organisation_form import FIELDS, Facts
from booking.people.signing_in import Who
from booking.problems import Problem, Refused

GONE = Problem("There is no such partner any more.", rule="gone")
ENDED = Problem("This partnership has ended.", rule="ended")
NAME_TAKEN = Problem("There is a partner of this name already.", "name", rule="name taken")
NO_REASON = Problem("Say why the partnership ends.", "why", rule="missing")
NO_BOOKER = Problem("They do not book for this partner any more.", rule="no booker")
BOOKS_ALREADY = Problem("Somebody with this address books for them already.", "booker_email", rule="books already")


async def add_organisation(*, facts: Facts, by: Who) -> UUID:
    """A new partner; returns its id. Raises Refused when the name is taken."""

    async def body() -> UUID:
        await _refuse_taken_name(facts.name)
        organisation = await Organisation.create(**asdict(facts))
        await _record("add partner", organisation.id, by, after={"name": facts.name})
        return organisation.id

    try:
        return await db.run_tx(body)
    except IntegrityError as error:  # somebody else added it at the same moment
        raise Refused([NAME_TAKEN]) from error


async def change_organisation(*, organisation_id: UUID, facts: Facts, by: Who) -> list[str]:
    """Changes what differs and returns the names of those columns. Raises Refused: gone, ended, name taken."""

    async def body() -> list[str]:
        organisation = await _still_there(organisation_id)
        await _refuse_taken_name(facts.name, besides=organisation_id)
        before = {name: getattr(organisation, name) for name in FIELDS}
        changed = {name: value for name, value in asdict(facts).items() if value != before[name]}
        if changed:
            await Organisation.filter(id=organisation_id).update(**changed)
            old = {name: before[name] for name in changed}
            await _record("change partner", organisation_id, by, before=_plain(old), after=_plain(changed))
        return sorted(changed)

    return await db.run_tx(body)


async def end_organisation(*, organisation_id: UUID, why: str, by: Who) -> None:
    """Ends a partnership: its bookers are signed out and its feeds stop; what it booked stays on its statements.

    Raises Refused: gone, ended, no reason, or it still has bookings to come.
    """

    async def body() -> None:
        await _still_there(organisation_id)
        to_come = await _bookings_to_come(organisation_id)
        if not why.strip():
            raise Refused([NO_REASON])
        if to_come:
            words = f"It has bookings to come ({to_come}). Cancel them first, so that it learns of each."
            raise Refused([Problem(words, rule="bookings to come")])
        for role in await Role.filter(organisation_id=organisation_id, kind="partner"):
            await _take_role(organisation_id, role.person_id)
        now = clock.now()
        await Organisation.filter(id=organisation_id).update(ended_at=now)
        await db.execute(
            "UPDATE feed_link SET revoked_at = $2 WHERE kind = 'partner' AND about_id = $1 AND revoked_at IS NULL",
            organisation_id,
            now,
        )
        await _record("end partner", organisation_id, by, why=why.strip()[:300])

    await db.run_tx(body)


async def add_booker(*, organisation_id: UUID, name: str, email: str, by: Who) -> UUID:
    """Lets a person reserve rooms for the partner; returns the person's id.

    Who works here or books for another partner with this address gets the role beside theirs. A parent's own record is
    never used: what they book for their family is no business of their employer. Raises Refused with Problems beside
    booker_name and booker_email.
    """
    known, problems = read_name(name, "booker_name", "the booker’s name")
    address, wrong = read_email(email, "booker_email")
    if problems or wrong:
        raise Refused([*problems, *wrong])

    async def body() -> UUID:
        await _still_there(organisation_id)
        person = await Person.filter(email=address, roles__not_isnull=True).first()
        if person is None:
            person = await Person.create(name=known, email=address, channel="email", created_at=clock.now())
        if await Role.exists(person=person, kind="partner", organisation_id=organisation_id):
            raise Refused([BOOKS_ALREADY])
        await Role.create(person=person, kind="partner", organisation_id=organisation_id)
        await _record("add booker", organisation_id, by, after={"booker": person.name})
        return person.id

    return await db.run_tx(body)


async def remove_booker(*, organisation_id: UUID, person_id: UUID, by: Who) -> None:
    """Takes the role away and signs the person out of the partners' pages; what they booked stays the organisation's.

    Raises Refused when they do not book for it.
    """

    async def body() -> None:
        person = await Person.filter(id=person_id).first()
        if person is None or not await _take_role(organisation_id, person_id):
            raise Refused([NO_BOOKER])
        await _record("remove booker", organisation_id, by, before={"booker": person.name})

    await db.run_tx(body)


async def accept_terms(*, organisation_id: UUID, by: Who) -> None:
    """Writes down that a booker accepted the terms for the organisation; again changes nothing. Raises Refused: gone, ended."""

    async def body() -> None:
        organisation = await _still_there(organisation_id)
        if organisation.terms_accepted_at is None:
            await Organisation.filter(id=organisation_id).update(
                terms_accepted_at=clock.now(), terms_accepted_by_id=by.id
            )
            await _record("accept terms", organisation_id, by)

    await db.run_tx(body)


async def _still_there(organisation_id: UUID) -> Organisation:
    """The row, locked where the database locks rows, so that ending and changing come one after the other."""
    organisation = await Organisation.filter(id=organisation_id).select_for_update().first()
    if organisation is None:
        raise Refused([GONE])
    if organisation.ended_at:
        raise Refused([ENDED])
    return organisation


async def _refuse_taken_name(name: str, besides: UUID | None = None) -> None:
    found = await db.row("SELECT id FROM organisation WHERE lower(name) = $1", name.lower())
    if found and found["id"] != besides:
        raise Refused([NAME_TAKEN])


async def _bookings_to_come(organisation_id: UUID) -> int:
    return await db.value(
        "SELECT COUNT(*) AS n FROM room_booking WHERE organisation_id = $1 AND ends_at > $2"
        " AND kind = 'partner' AND state IN ('requested', 'confirmed')",
        organisation_id,
        clock.now(),
    )


async def _take_role(organisation_id: UUID, person_id: UUID) -> bool:
    taken = await Role.filter(organisation_id=organisation_id, person_id=person_id, kind="partner").delete()
    await SignedIn.filter(person_id=person_id, purpose="partner").delete()
    return bool(taken)


async def _record(verb: str, organisation_id: UUID, by: Who, **values: Any) -> None:
    await audit.record(verb, about_kind="organisation", about_id=organisation_id, by=by, **values)


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """As JSON can hold it: dates as text."""
    return {
        name: value if value is None or isinstance(value, (int, str)) else str(value) for name, value in values.items()
    }

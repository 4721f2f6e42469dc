"""Who works here and what they may do: given and taken by a command, so that a new county has its first administrator."""

from uuid import UUID

from booking import audit, clock, db
from booking.people.contacts import read_email, read_name, read_phone
from booking.people.models import Person, Role, SignedIn
from booking.people.signing_in import STAFF_KINDS, make_code
from booking.problems import Problem, Refused
from booking.settings import SignIn

NO_ROLE = Problem("Nobody with this address has a role. Give one first.", "email", rule="no role")
NO_HUB = Problem("Say at which hub: its code in the places file.", "hub", rule="missing")


async def give_role(
    *, email: str, name: str, kind: str, hub_id: UUID | None = None, by_name: str = "operator"
) -> Person:
    """Lets a person sign in as hub_staff or hub_manager of a hub, or as county_admin; again changes nothing.

    Raises Refused: no mail address, no name for somebody new, no such role, no hub where one is needed.
    """
    address, problems = read_email(email)
    if kind not in STAFF_KINDS:
        problems = [
            *problems,
            Problem(f"There is no role {kind}. Known: {', '.join(STAFF_KINDS)}.", "kind", rule="role"),
        ]
    if kind != "county_admin" and hub_id is None:
        problems = [*problems, NO_HUB]
    if problems:
        raise Refused(problems)

    async def body() -> Person:
        person = await Person.filter(email=address, roles__not_isnull=True).first()
        if person is None:
            known, wrong = read_name(name, "name", "the person’s name")
            if wrong:
                raise Refused(wrong)
            person = await Person.create(name=known, email=address, channel="email", created_at=clock.now())
        where = None if kind == "county_admin" else hub_id
        if not await Role.exists(person=person, kind=kind, hub_id=where):
            await Role.create(person=person, kind=kind, hub_id=where)
            await audit.record(
                "give role",
                about_kind="person",
                about_id=person.id,
                by_name=by_name,
                hub_id=where,
                after={"role": kind},
            )
        return person

    return await db.run_tx(body)


async def code_for(*, email: str, rules: SignIn) -> str:
    """A code to sign in with, for whoever runs the server: how the first administrator gets in before mail is set up.

    Raises Refused for an address without a role.
    """
    address, problems = read_email(email)
    if not problems and not await Role.exists(person__email=address, kind__in=STAFF_KINDS):
        problems = [NO_ROLE]
    if problems:
        raise Refused(problems)
    return await db.run_tx(
        lambda: make_code(address=address, purpose="staff", minutes=rules.code_minutes, tries=rules.code_tries)
    )


async def give_phone(*, email: str, phone: str, by_name: str = "operator") -> Person:
    """Writes down the mobile of somebody who works here: tests of texts go to it. Raises Refused: no number, no role."""
    address, problems = read_email(email)
    number, wrong = read_phone(phone)
    person = None if problems else await Person.filter(email=address, roles__not_isnull=True).first()
    if not (problems or person):
        problems = [NO_ROLE]
    if problems or wrong or person is None:
        raise Refused([*problems, *wrong])

    async def body() -> None:
        await Person.filter(id=person.id).update(phone=number, phone_state="ok")
        await audit.record("give phone", about_kind="person", about_id=person.id, by_name=by_name)

    await db.run_tx(body)
    person.phone = number
    return person


async def take_roles(*, email: str, by_name: str = "operator") -> int:
    """Takes every role of the person with this address and signs them out; returns how many roles that were."""
    address, problems = read_email(email)
    if problems:
        raise Refused(problems)

    async def body() -> int:
        taken = 0
        for person in await Person.filter(email=address, roles__not_isnull=True).distinct():
            taken += await Role.filter(person=person).delete()
            await SignedIn.filter(person=person, purpose__in=("staff", "partner")).delete()
            await audit.record("take roles", about_kind="person", about_id=person.id, by_name=by_name)
        return taken

    return await db.run_tx(body)

"""Staff and partners' bookers sign in alike: a code to their mailbox, then a session. Whoever asks learns nothing about who
has an account."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from booking import clock, db
from booking.messages import outbox
from booking.people.models import Person
from booking.people.signing_in import STAFF_KINDS, make_code, sign_in, use_code
from booking.settings import SignIn


@dataclass(frozen=True, slots=True)
class Door:
    """One way in: `purpose` names its codes and sessions, `kinds` are the roles it opens to."""

    purpose: str
    kinds: tuple[str, ...]


STAFF = Door("staff", STAFF_KINDS)
PARTNERS = Door("partner", ("partner",))


async def person_with(email: str, door: Door) -> Person | None:
    """Who may come in by this door with this address, or None."""
    found = await db.row(
        "SELECT p.id FROM person p JOIN role r ON r.person_id = p.id WHERE p.email = $1"
        f" AND r.kind IN {db.in_list(door.kinds, 2)} ORDER BY p.created_at LIMIT 1",
        email,
        *door.kinds,
    )
    return await Person.get(id=found["id"]) if found else None


async def send_code(email: str, door: Door, rules: SignIn) -> None:
    """Queues a new code for somebody of this door; earlier ones die. Nothing happens for anybody else.

    Pages call it after they have answered, so that the answer takes as long for a stranger.
    """
    person = await person_with(email, door)
    if person is None:
        return

    async def body() -> None:
        code = await make_code(address=email, purpose=door.purpose, minutes=rules.code_minutes, tries=rules.code_tries)
        await outbox.queue_code(
            kind="sign_in_code",
            channel="email",
            address=email,
            code=code,
            about=("person", person.id),
            dedupe_key=f"sign_in_code:{db.new_id()}",
            expires_at=clock.now() + timedelta(minutes=rules.code_minutes),
            person=person,
        )

    await db.run_tx(body)


async def sign_in_with(email: str, code: str, door: Door) -> str | None:
    """The token of a new session when the code is right; None when it is not, or no longer anybody's."""
    if not await use_code(address=email, purpose=door.purpose, code=code):
        return None
    person = await person_with(email, door)
    return await sign_in(person_id=person.id, purpose=door.purpose) if person else None


async def demo_people(door: Door, limit: int = 8) -> list[dict[str, Any]]:
    """Who can sign in to the demo: name, email, kind and hub or organisation, the widest rights first and never a
    restricted hub's."""
    return await db.rows(
        "SELECT p.name, p.email, r.kind, COALESCE(l.name, g.name) AS belongs_to FROM person p JOIN role r ON r.person_id = p.id"
        " LEFT JOIN location l ON l.id = r.hub_id LEFT JOIN organisation g ON g.id = r.organisation_id"
        f" WHERE p.email <> '' AND r.kind IN {db.in_list(door.kinds, 2)}"
        " AND (l.id IS NULL OR l.is_restricted = $1) ORDER BY r.kind, l.name, g.name, p.name LIMIT " + str(int(limit)),
        False,
        *door.kinds,
    )

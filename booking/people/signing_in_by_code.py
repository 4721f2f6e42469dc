"""Staff, partners' bookers and people on the rota sign in alike: a code to their mailbox (of the last also to their phone), then a
session. Whoever asks learns nothing about who has an account."""

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
    """One way in: `purpose` names its codes and sessions, `kinds` are the roles it opens to; `takes_phones` where a code may go by
    text."""

    purpose: str
    kinds: tuple[str, ...]
    takes_phones: bool = False


STAFF = Door("staff", STAFF_KINDS)
PARTNERS = Door("partner", ("partner",))
WORKERS = Door("worker", ("worker",), takes_phones=True)


async def person_with(address: str, door: Door) -> Person | None:
    """Who may come in by this door with this mail address or phone, or None. A phone that two people share opens for neither: a
    text on it says nothing of who reads it."""
    is_phone = is_a_phone(address)
    if is_phone and not door.takes_phones:
        return None
    found = await db.rows(
        f"SELECT DISTINCT p.id, p.created_at FROM person p JOIN role r ON r.person_id = p.id WHERE p.{'phone' if is_phone else 'email'}"
        f" = $1 AND r.kind IN {db.in_list(door.kinds, 2)} ORDER BY p.created_at LIMIT 2",
        address,
        *door.kinds,
    )
    return None if not found or (is_phone and len(found) > 1) else await Person.get(id=found[0]["id"])


def is_a_phone(address: str) -> bool:
    """Whether an address that was read is a number (E.164), not a mailbox."""
    return address.startswith("+") and "@" not in address


async def send_code(address: str, door: Door, rules: SignIn) -> None:
    """Queues a new code for somebody of this door; earlier ones die. Nothing happens for anybody else.

    Pages call it after they have answered, so that the answer takes as long for a stranger.
    """
    person = await person_with(address, door)
    if person is None:
        return

    async def body() -> None:
        code = await make_code(
            address=address, purpose=door.purpose, minutes=rules.code_minutes, tries=rules.code_tries
        )
        await outbox.queue_code(
            kind="sign_in_code",
            channel="sms" if is_a_phone(address) else "email",
            address=address,
            code=code,
            about=("person", person.id),
            dedupe_key=f"sign_in_code:{db.new_id()}",
            expires_at=clock.now() + timedelta(minutes=rules.code_minutes),
            person=person,
        )

    await db.run_tx(body)


async def sign_in_with(address: str, code: str, door: Door) -> str | None:
    """The token of a new session when the code is right; None when it is not, or no longer anybody's."""
    if not await use_code(address=address, purpose=door.purpose, code=code):
        return None
    person = await person_with(address, door)
    return await sign_in(person_id=person.id, purpose=door.purpose) if person else None


async def demo_people(door: Door, limit: int = 8) -> list[dict[str, Any]]:
    """Who can sign in to the demo: name, email, kind and hub or organisation, the widest rights first, then hubs that
    have a manager, and never a restricted hub's."""
    return await db.rows(
        "SELECT p.name, p.email, r.kind, COALESCE(l.name, g.name) AS belongs_to FROM person p JOIN role r ON r.person_id = p.id"
        " LEFT JOIN location l ON l.id = r.hub_id LEFT JOIN organisation g ON g.id = r.organisation_id"
        f" WHERE p.email <> '' AND r.kind IN {db.in_list(door.kinds, 2)}"
        " AND (l.id IS NULL OR l.is_restricted = $1) ORDER BY r.kind,"
        " (SELECT count(*) FROM role m WHERE m.hub_id = r.hub_id AND m.kind = 'hub_manager') DESC, l.name, g.name, p.name"
        f" LIMIT {int(limit)}",
        False,
        *door.kinds,
    )

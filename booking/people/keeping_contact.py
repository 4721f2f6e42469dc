"""How somebody wants to be reached, changed by themselves or by staff. What waits to be sent to them follows."""

from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from tortoise.expressions import Q

from booking import audit, db
from booking.messages import following
from booking.people.contact_form import EVERY_DAY, Reach
from booking.people.models import Person
from booking.problems import Problem, Refused

GONE = Problem("We do not find this person any more.", rule="gone")
NEEDS_CODE = Problem(
    "To have the session and the place named again, get a code to your phone or mailbox first, or ask us.",
    "is_discreet",
    rule="needs code",
)
NEEDS_CODE_TOO = Problem(
    "To be reached another way or at more times, get a code to your phone or mailbox first, or ask us.",
    "channel",
    rule="needs code",
)
STATES = {"phone": "phone_state", "email": "email_state"}


async def save(
    person_id: UUID,
    contact: Reach,
    by: Any = None,
    *,
    by_name: str = "family",
    hub_id: UUID | None = None,
    why: str = "",
    is_proved: bool = False,
) -> bool:
    """Keeps it in one transaction, with the messages that wait for that person; returns whether anything changed.

    Whoever has no more than a link makes contact safer and never less safe: naming sessions again takes a code or staff
    (is_proved), and where short words are wanted so does another way or more time. Raises Refused: gone, needs code.
    """

    async def body() -> bool:
        person = await Person.select_for_update(no_key=True).get_or_none(id=person_id)
        if person is None:
            raise Refused([GONE])
        if person.is_discreet and not contact.is_discreet and not is_proved:
            raise Refused([NEEDS_CODE])
        if person.is_discreet and not is_proved and _reaches_further(person, contact):
            raise Refused([NEEDS_CODE_TOO])
        changed = _change(person, contact)
        if not changed:
            return False
        before = person.channel
        person.update_from_dict(changed)
        await person.save(update_fields=list(changed))
        await following.follow(person)
        await audit.record(
            "change contact", about_kind="person", about_id=person_id, by=by, by_name=by_name, hub_id=hub_id, why=why,
            before={"channel": before}, after={"channel": person.channel, "contact": sorted(_named(changed))},
        )  # fmt: skip
        return True

    return await db.run_tx(body)


def _reaches_further(person: Person, contact: Reach) -> bool:
    """Whether somebody who wants short words would be reached another way, or at times that were not safe."""
    if contact.channel not in (person.channel, "none"):
        return True
    begins, ends = person.safe_from or "00:00", person.safe_to or "24:00"
    if (contact.safe_from or "00:00") < begins or (contact.safe_to or "24:00") > ends:
        return True
    return not set(contact.safe_days or EVERY_DAY) <= set(person.safe_days or EVERY_DAY)


def _change(person: Person, contact: Reach) -> dict[str, Any]:
    """The columns that become other ones. A new address has not failed yet, and nobody has proved it."""
    wanted = {name: value for name, value in asdict(contact).items() if value is not None}
    changed = {name: value for name, value in wanted.items() if getattr(person, name) != value}
    for name, state in STATES.items():
        if name in changed:
            changed[state] = "ok"
            if person.proved and person.proved == getattr(person, name):
                changed["proved"] = ""
    return changed


def _named(changed: dict[str, Any]) -> set[str]:
    """What changed, in a word each, without what it was: the trail is read by more people than may know it."""
    words = {
        "channel": "channel", "language": "language", "safe_from": "hours", "safe_to": "hours", "safe_days": "days",
        "is_discreet": "short words", "hears_urgent": "urgent texts", "contact_words": "before ringing",
        "phone": "phone number", "email": "email address",
    }  # fmt: skip
    return {words[name] for name in changed if name in words}


async def try_again(person_id: UUID, which: str, by: Any, *, hub_id: UUID | None = None) -> bool:
    """Staff have it on good authority that a number or mailbox ("phone", "email") works again: it is written to anew.
    Returns whether it was marked. A number that was opted out stays so until its owner texts START."""
    state = STATES[which]

    async def body() -> bool:
        marked = await db.row(
            f"UPDATE person SET {state} = 'ok' WHERE id = $1 AND {state} NOT IN ('ok', 'opted_out') RETURNING id",
            person_id,
        )
        if marked is None:
            return False
        await audit.record(
            "try address again", about_kind="person", about_id=person_id, by=by, hub_id=hub_id,
            after={"contact": ["phone number" if which == "phone" else "email address"]},
        )  # fmt: skip
        return True

    return await db.run_tx(body)


async def save_for_address(address: str, contact: Reach, **more: Any) -> bool:
    """The same for everybody who is kept with a phone or mailbox that was proved by a code: who booked twice on two devices is
    two people here and one at the other end. Where the chosen way leads nowhere for one of them, theirs stays."""

    async def body() -> bool:
        theirs = Person.filter(Q(phone=address) | Q(email=address), family_id__not_isnull=True)
        people = await theirs.order_by("id").select_for_update(no_key=True)
        await following.lock([each.id for each in people])
        saved = [await save(each.id, _fitting(each, contact), is_proved=True, **more) for each in people]
        return any(saved)

    return await db.run_tx(body)


def _fitting(person: Person, contact: Reach) -> Reach:
    leads_nowhere = (contact.channel == "email" and not person.email) or (
        contact.channel in ("sms", "call") and not person.phone
    )
    return replace(contact, channel=person.channel) if leads_nowhere else contact

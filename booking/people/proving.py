"""Whose a phone or mailbox is, once a code has proved it. What others typed never decides (docs/decisions/families-without-accounts.md)."""

from uuid import UUID

from tortoise.expressions import Q

from booking import clock, db
from booking.people.models import Family, Person
from booking.people.signing_in import Who


async def proved_person(*, address: str, here: Who | None) -> UUID:
    """The person who has proved this address, now or before; a new one with a family of their own otherwise.

    `here` is who this browser belongs to. If it booked with the address itself, it is the same person: browser and phone
    are in one hand. A family that somebody else made with the number is never taken over, or its maker would see what
    is booked from now on.
    """

    async def body() -> UUID:
        if here and address in (here.phone, here.email):
            await Person.filter(id=here.id).update(proved=address)
            return here.id
        earlier = await Person.filter(proved=address, family_id__not_isnull=True).order_by("created_at").first()
        if earlier:
            return earlier.id
        family = await Family.create(created_at=clock.now())
        is_mail = "@" in address
        person = await Person.create(
            family=family,
            name=await _name_typed_with(address),
            phone="" if is_mail else address,
            email=address if is_mail else "",
            channel="email" if is_mail else "sms",
            proved=address,
            is_discreet=await asked_for_short_words(address),
            created_at=clock.now(),
        )
        return person.id

    return await db.run_tx(body)


async def asked_for_short_words(*addresses: str) -> bool:
    """Whether somebody with one of these has asked that messages name nothing: it holds for the telephone, whoever books with it
    and on whatever device, for it makes nothing less safe."""
    mailboxes = [address for address in addresses if "@" in address]
    phones = [
        address for address in addresses if address and "@" not in address
    ]  # no mailbox: it may be longer than the column
    theirs = Q(phone__in=phones) | Q(email__in=mailboxes)
    return bool(phones or mailboxes) and await Person.exists(theirs, is_discreet=True)


async def _name_typed_with(address: str) -> str:
    """The name that came with the address last, so that it need not be typed again; it can be changed."""
    return (
        await db.value(
            "SELECT name FROM person WHERE (phone = $1 OR email = $1) AND family_id IS NOT NULL"
            " ORDER BY created_at DESC LIMIT 1",
            address,
        )
        or ""
    )

"""Who works in the demo county. Nobody is real; numbers are Ofcom's for drama, addresses end in .example."""

from dataclasses import dataclass

from booking import clock, db
from booking.people.models import Person, Role


@dataclass(frozen=True, slots=True)
class Member:
    """`at` is the code of a hub's building; "" is the whole county."""

    name: str
    email: str
    kind: str
    at: str
    words: str
    is_shown: bool = True


STAFF = (
    Member("Maya Okafor", "maya@ferndown.example", "hub_staff", "D01-M", "Maya, staff at Ferndown"),
    Member("Tom Whitlock", "tom@ferndown.example", "hub_manager", "D01-M", "Tom, manager of Ferndown"),
    Member("Ewa Kowalska", "ewa@colchester.example", "hub_staff", "E06-M", "Ewa, staff at Colchester", is_shown=False),
    Member("Ruth Osei", "ruth@county.example", "county_admin", "", "Ruth, county administrator"),
    Member("Nadia Rahman", "nadia@quiet.example", "hub_staff", "D99-M", "", is_shown=False),
)


async def make() -> None:
    """Staff with their roles."""
    hubs = {row["code"]: row["id"] for row in await db.rows("SELECT id, code FROM location")}
    for n, member in enumerate(STAFF):
        person = await _person(member.name, member.email, 990 + n)
        await Role.create(person=person, kind=member.kind, hub_id=hubs[member.at] if member.at else None)


async def _person(name: str, email: str, number: int) -> Person:
    return await Person.create(
        name=name, email=email, phone=f"+447700900{number}", channel="email", created_at=clock.now()
    )

"""The creche in a form about who is coming: which children were ticked, and what stands in the way."""

from dataclasses import replace

from booking.programmes.bookings.who_form import Read
from booking.programmes.creche import creche_places
from booking.programmes.creche.creche_places import Creche


def with_creche(read: Read, creche: Creche | None, *, is_waiting: bool = False, held: int = 0) -> Read:
    """The form as understood, with the Problems of the creche as well; without one nobody is in it. `held`: so many places
    the booking has there already."""
    if creche is None:
        return replace(read, party=replace(read.party, creche=()))
    with_held = replace(creche, left=creche.left + held)
    problems = creche_places.problems_with(with_held, read.party.creche, is_waiting=is_waiting)
    return replace(read, problems=[*read.problems, *problems])

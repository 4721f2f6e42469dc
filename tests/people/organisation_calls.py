"""How the verbs by which staff keep partners are called, for the walk through all verbs (tests/test_trail.py)."""

from typing import Any

from booking.people import organisations
from booking.people.organisation_form import Facts
from tests import make

COUNTY_WIDE = {"add partner", "change partner", "end partner", "add booker", "remove booker", "accept terms"}
"""Partners are the county's, not one hub's."""


async def _add(by: Any) -> Any:
    return await organisations.add_organisation(facts=Facts("Toy Library"), by=by)


async def _change(by: Any) -> None:
    await organisations.change_organisation(organisation_id=await _add(by), facts=Facts("Toys"), by=by)


async def _end(by: Any) -> None:
    await organisations.end_organisation(organisation_id=await _add(by), why="Closed", by=by)


async def _add_booker(by: Any) -> None:
    await organisations.add_booker(organisation_id=await _add(by), name="Grace", email="g@toys.example", by=by)


async def _remove_booker(by: Any) -> None:
    toys = await make.organisation()
    await organisations.remove_booker(organisation_id=toys.id, person_id=(await make.booker(toys)).id, by=by)


async def _accept(by: Any) -> None:
    await organisations.accept_terms(organisation_id=await _add(by), by=by)


CALLS = {
    "organisations.add_organisation": ("add partner", lambda s, r, by: _add(by)),
    "organisations.change_organisation": ("change partner", lambda s, r, by: _change(by)),
    "organisations.end_organisation": ("end partner", lambda s, r, by: _end(by)),
    "organisations.add_booker": ("add booker", lambda s, r, by: _add_booker(by)),
    "organisations.remove_booker": ("remove booker", lambda s, r, by: _remove_booker(by)),
    "organisations.accept_terms": ("accept terms", lambda s, r, by: _accept(by)),
}

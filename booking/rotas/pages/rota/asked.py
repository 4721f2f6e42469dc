"""What of the rota is wanted, as its address says."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request

from booking import db
from booking.people.signing_in import Who
from booking.rotas.pages.hub_shown import ALL, hub_of
from booking.rotas.pages.week_shown import monday_shown
from booking.rotas.words_for_staff import KINDS
from booking.who_asks import date_in

WEEKS = (1, 4)
PLACES = (
    "SELECT l.id, l.name, l.hub_id, COALESCE(NULLIF(h.hub_name, ''), h.name) AS hub_name, (l.is_restricted OR l.kind = 'restricted' OR h.is_restricted"
    " OR h.kind = 'restricted') AS is_restricted FROM location l JOIN location h ON h.id = l.hub_id WHERE {mine}"
    " AND (l.id = l.hub_id OR l.kind NOT IN ('online', 'home') OR EXISTS (SELECT 1 FROM shift s WHERE s.location_id = l.id))"
    " ORDER BY hub_name, CASE WHEN l.id = l.hub_id THEN 0 ELSE 1 END, l.name"
)


@dataclass(frozen=True, slots=True)
class Spot:
    """A location of the hubs of who asks."""

    id: UUID
    name: str
    hub_id: UUID
    hub_name: str


@dataclass(frozen=True, slots=True)
class Asked:
    """hub_id None is all of theirs (hub_ids None: the whole county); weeks is 1 or 4; by is person or place; place_id and kind narrow
    what is shown."""

    hub_id: UUID | None
    hub_ids: tuple[UUID, ...] | None
    first: date
    weeks: int
    by: str
    place_id: UUID | None
    kind: str
    only_gaps: bool
    only_me: bool

    @property
    def last(self) -> date:
        return self.first + timedelta(days=7 * self.weeks - 1)

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range(7 * self.weeks)]

    @property
    def is_summary(self) -> bool:
        """A line a hub: all of several, but for what one person does themselves."""
        return self.hub_id is None and not self.only_me

    @property
    def is_filtered(self) -> bool:
        return bool(self.place_id or self.kind or self.only_gaps or self.only_me)

    def href(self, **changes: Any) -> str:
        """The address of this rota with something changed."""
        asked = {name: getattr(self, name) for name in self.__slots__} | changes
        query = {
            "hub": asked["hub_id"] or ALL,
            "date": asked["first"],
            "weeks": asked["weeks"] if asked["weeks"] != 1 else None,
            "by": asked["by"] if asked["by"] != "person" else None,
            "place": asked["place_id"],
            "kind": asked["kind"],
            "gaps": "yes" if asked["only_gaps"] else None,
            "me": "yes" if asked["only_me"] else None,
        }
        return "/staff/rota?" + urlencode({name: value for name, value in query.items() if value})


async def spots_of(who: Who) -> list[Spot]:
    """The places of the hubs of who asks that can have shifts, by hub, the hub itself first. One query."""
    mine = "TRUE" if who.hub_ids is None else f"l.hub_id IN {db.in_list(who.hub_ids)}"
    rows = await db.rows(PLACES.format(mine=mine), *(who.hub_ids or ()))
    return [
        Spot(row["id"], row["name"], row["hub_id"], row["hub_name"])
        for row in rows
        if not row["is_restricted"] or who.works_at(row["hub_id"])
    ]


async def asked_of(request: Request, who: Who, spots: list[Spot]) -> Asked:
    """From the address; without one the hub last looked at, in the week that is still to be worked. 404 for what is not theirs (promise P6)."""
    query = request.query_params
    hubs = list(dict.fromkeys(each.hub_id for each in spots))
    spot = _spot(query.get("place", ""), spots)
    hub_id = hub_of(request, hubs, str(spot.hub_id) if spot else query.get("hub", ""))
    mine = None if who.hub_ids is None else tuple(who.hub_ids)
    hub_ids = (hub_id,) if hub_id else mine
    day = date_in(request) or await monday_shown(hub_ids)
    kind = query.get("kind", "")
    return Asked(
        hub_id=hub_id,
        hub_ids=hub_ids,
        first=day - timedelta(days=day.weekday()),
        weeks=4 if query.get("weeks") == "4" else 1,
        by="place" if query.get("by") == "place" else "person",
        place_id=spot.id if spot else None,
        kind=kind if kind in KINDS else "",
        only_gaps=bool(query.get("gaps")),
        only_me=bool(query.get("me")),
    )


def _spot(text: str, spots: list[Spot]) -> Spot | None:
    if not text:
        return None
    found = next((each for each in spots if str(each.id) == text), None)
    if found is None:
        raise HTTPException(404)
    return found

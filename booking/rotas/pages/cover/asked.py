"""Which part of the cover board is asked for, as its address or a form says."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request

from booking import clock, db
from booking.people.signing_in import Who
from booking.rotas.pages.hub_shown import ALL, hub_of
from booking.rotas.seeing import may_act_on

HOME = "/staff/rota/cover"
DAYS = {1: "Today", 7: "7 days", 14: "14 days", 28: "4 weeks"}
USUAL = 14


@dataclass(frozen=True, slots=True)
class Asked:
    """hub_id None is all of theirs; shift_id is the only one that is shown."""

    hub_id: UUID | None
    days: int
    shift_id: UUID | None = None

    @property
    def first(self) -> date:
        return clock.today()

    @property
    def last(self) -> date:
        return self.first + timedelta(days=self.days - 1)

    def href(self, path: str = HOME, **more: Any) -> str:
        query = {
            "hub": self.hub_id or ALL,
            "days": self.days if self.days != USUAL else "",
            "shift": self.shift_id,
        } | more
        asked = urlencode({name: value for name, value in query.items() if value})
        return f"{path}?{asked}" if asked else path


def asked_of(request: Request, hubs: list[dict[str, Any]]) -> Asked:
    """From the address; without a hub the one last looked at. 404 for a hub that is none of theirs (promise P6)."""
    query = request.query_params
    hub_id = hub_of(request, [each["id"] for each in hubs], query.get("hub", ""))
    days = str(query.get("days", ""))
    wanted = int(days) if days.isdigit() and len(days) < 3 and int(days) in DAYS else USUAL
    return Asked(hub_id, wanted, uuid_of(query.get("shift", "")))


def uuid_of(text: Any) -> UUID | None:
    try:
        return UUID(str(text)) if text else None
    except ValueError:
        raise HTTPException(404) from None


async def hubs_of(who: Who) -> list[dict[str, Any]]:
    """The hubs with shifts, of who asks: id and name."""
    mine = "TRUE" if who.hub_ids is None else f"h.id IN {db.in_list(who.hub_ids)}"
    return await db.rows(
        f"SELECT h.id, h.name FROM location h WHERE {mine} AND EXISTS (SELECT 1 FROM shift s WHERE s.hub_id = h.id) ORDER BY h.name",
        *(who.hub_ids or ()),
    )


async def day_of(shift_id: UUID, who: Who) -> date:
    """The date of a shift of a hub of theirs that they may read; 404 for any other."""
    if not await may_act_on([shift_id], who):
        raise HTTPException(404)
    [row] = await db.rows("SELECT date FROM shift WHERE id = $1", shift_id)
    return row["date"]

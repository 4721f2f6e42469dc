"""What a notice is about, for the member of staff who writes it; what is not theirs is not there (promises P5, P6).

Staff write to the families of the sessions, runs and waiting lists of their hub, managers to a place or the whole hub, county
admins at any hub. About something restricted only staff of that very hub write, and only about its run or session.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.people.signing_in import Who
from booking.places.near import HIDDEN
from booking.programmes.notices.audience import ABOUT_KINDS, RESTRICTED, TABLES, AboutKind, Audience
from booking.words import clock_time, short_day

Row = dict[str, Any]
FACTS = (
    f"s.id, s.run_id, s.hub_id, s.starts_at, s.ends_at, r.title, home.name AS location_name, {RESTRICTED} AS is_restricted,"
    " r.hub_id AS run_hub_id, p.is_discreet, (s.state = 'planned' AND r.state = 'published') AS is_on"
)
# a run stands at its next date, or at its last one
OF_RUN = (
    f"SELECT {FACTS} FROM {TABLES} WHERE s.run_id = $1 AND s.state = 'planned'"
    " ORDER BY CASE WHEN s.ends_at > $2 THEN 0 ELSE 1 END, s.starts_at LIMIT 1"
)
OF_SESSION = f"SELECT {FACTS} FROM {TABLES} WHERE s.id = $1"
ANY_RESTRICTED = (
    f"SELECT 1 AS one FROM {TABLES} WHERE r.id = $1 AND (r.is_restricted OR p.is_restricted OR home.is_restricted"
    " OR home.kind = 'restricted') LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class About:
    """`words` name it for staff, `path` is where they came from; ends_at: after that a notice about one session makes no
    sense. is_discreet: nobody gets the words as they are typed."""

    kind: AboutKind
    id: UUID
    hub_id: UUID
    words: str
    path: str
    is_restricted: bool = False
    is_discreet: bool = False
    ends_at: datetime | None = None

    @property
    def is_of_many(self) -> bool:
        """Whether dates can be chosen of it."""
        return self.kind in ("hub", "location", "run")

    @property
    def has_a_line(self) -> bool:
        """Whether who waits is asked for beside who has a place."""
        return self.kind != "waiting"

    def audience(self, **chosen: Any) -> Audience:
        """Those of it who are meant: to_whom, from_at, until_at."""
        asked = chosen.pop("to_whom", "booked")
        to_whom = "waiting" if self.kind == "waiting" else asked
        return Audience(self.kind, self.id, to_whom, is_restricted=self.is_restricted, **chosen)


async def find_about(who: Who, kind: str, about_id: UUID) -> About | None:
    """What it is about, or None when that is not there or not for them to write about."""
    if kind not in ABOUT_KINDS:
        return None
    if kind in ("hub", "location"):
        return await _place(who, kind, about_id)
    if kind == "waiting":
        return await _line(who, about_id)
    row = await (_of_run(about_id) if kind == "run" else db.row(OF_SESSION, about_id))
    if row is None or not _may(who, row) or (kind == "session" and not row["is_on"]):
        return None
    about: Row = {"hub_id": row["hub_id"], "is_restricted": bool(row["is_restricted"])}
    about["is_discreet"] = bool(row["is_restricted"] or row["is_discreet"])
    if kind == "run":
        return About("run", about_id, words=_run(row), path=f"/staff/runs/{about_id}", **about)
    return About(
        "session", about_id, words=_session(row), path=f"/staff/sessions/{about_id}", ends_at=row["ends_at"], **about
    )


def _may(who: Who, row: Row) -> bool:
    return who.works_at(row["hub_id"]) if row["is_restricted"] else who.may_act_at(row["hub_id"])


async def _place(who: Who, kind: AboutKind, id: UUID) -> About | None:
    row = await db.row(f"SELECT name, hub_name, hub_id, ({HIDDEN}) AS is_hidden FROM location WHERE id = $1", id)
    if row is None or row["is_hidden"] or not who.manages(row["hub_id"]):
        return None
    if kind == "hub":
        name = row["hub_name"] or row["name"]
        return About("hub", id, id, name, f"/staff?hub={id}") if row["hub_id"] == id else None
    return About("location", id, row["hub_id"], row["name"], f"/staff/places/{id}")


async def _line(who: Who, id: UUID) -> About | None:
    """A waiting list: of a session, or of a whole run. About a restricted one there is none."""
    row = await db.row(OF_SESSION, id)
    path, words = f"/staff/waiting/sessions/{id}", _session(row) if row else ""
    if row is None:
        row = await _of_run(id)
        path, words = f"/staff/waiting/runs/{id}", _run(row) if row else ""
    if row is None or row["is_restricted"] or not who.may_act_at(row["hub_id"]):
        return None
    is_discreet = bool(row["is_discreet"])
    return About("waiting", id, row["hub_id"], f"Waiting list: {words}"[:200], path, is_discreet=is_discreet)


async def _of_run(run_id: UUID) -> Row | None:
    """A run is restricted by itself or its home: one of its dates at a restricted place makes the whole not so."""
    row = await db.row(OF_RUN, run_id, clock.now())
    if row is None:
        return None
    is_restricted = await db.row(ANY_RESTRICTED, run_id) is not None
    return row | {"is_restricted": is_restricted, "hub_id": row["run_hub_id"]}


def _run(row: Row) -> str:
    return f"{row['title']}, {row['location_name']}"[:200]


def _session(row: Row) -> str:
    day = short_day(clock.local(row["starts_at"]).date())
    return f"{row['title'][:150]}, {day}, {clock_time(row['starts_at'])}"

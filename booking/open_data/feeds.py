"""Secret addresses of calendars: made, opened and revoked. Only a token's hash is kept, so it is shown once."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.open_data.models import FeedLink
from booking.people.signing_in import Who
from booking.problems import Problem, Refused

KINDS = {
    "room": "Room", "location": "Location", "hub": "Hub", "partner": "Partner", "run": "Run", "staff": "Own sessions",
    "family": "All dates", "booking": "One booking", "duties": "Own duties",
}  # fmt: skip
SEES = {"all": "What is on", "busy": "Busy times only"}
OF_RUN = {"all": "Every date of the run"}
OF_STAFF = {"mine": "The sessions I lead", "hub": "Every session of my hub"}
OF_DUTIES = {"all": "My published duties"}
OF_FAMILY = {"all": "What, where and when", "busy": "Only that I have an appointment"}
CHOICES = {"run": OF_RUN, "staff": OF_STAFF, "family": OF_FAMILY, "booking": OF_FAMILY, "duties": OF_DUTIES}
"""What an address may show, by kind; of places and partners SEES."""
OWN_NAMES = {"family": "All my dates", "booking": "This booking", "staff": "Your sessions", "duties": "Your duties"}
PERSONAL = ("family", "booking", "staff", "duties")
MOST = 20
READ_EVERY = timedelta(hours=1)
TOO_MANY = Problem("There are {n} addresses already. Revoke one that nobody needs.", rule="too many")
UNKNOWN = Problem("Choose what the calendar is to show.", "sees", rule="unknown")

# the link f with what it is about: name, hub, and whether that is restricted; one of somebody who is gone, or of somebody who
# works here no more, is no link
LINKS = (
    "SELECT f.id, f.kind, f.about_id, f.sees, f.words, f.created_at, f.read_at, f.version, f.changed_at, f.by_id,"
    " o.name AS room_name, l.name AS location_name, l.hub_name, l.hub_id, g.name AS organisation_name,"
    " r.title AS run_title, (l.is_restricted OR l.kind = 'restricted' OR COALESCE(r.is_restricted, l.is_restricted)) AS is_restricted"
    " FROM feed_link f LEFT JOIN room o ON f.kind = 'room' AND o.id = f.about_id"
    " LEFT JOIN run r ON f.kind = 'run' AND r.id = f.about_id"
    " LEFT JOIN location l ON l.id = COALESCE(o.location_id, r.location_id,"
    " CASE WHEN f.kind IN ('location', 'hub') THEN f.about_id END)"
    " LEFT JOIN organisation g ON f.kind = 'partner' AND g.id = f.about_id"
    " WHERE f.revoked_at IS NULL AND g.ended_at IS NULL"
    " AND (f.kind <> 'staff' OR EXISTS (SELECT 1 FROM role w WHERE w.person_id = f.about_id AND w.kind <> 'partner'))"
    " AND (f.kind <> 'duties' OR EXISTS (SELECT 1 FROM role w JOIN staff_profile t ON t.person_id = w.person_id"
    " WHERE w.person_id = f.about_id AND w.kind = 'worker'))"
    " AND (f.kind <> 'family' OR EXISTS (SELECT 1 FROM person q WHERE q.id = f.about_id))"
    " AND (f.kind <> 'booking' OR EXISTS (SELECT 1 FROM booking b WHERE b.id = f.about_id))"
)

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class About:
    """What a calendar is of. hub_id is None for a partner's and for those of a person."""

    kind: str
    id: UUID
    name: str
    hub_id: UUID | None
    is_restricted: bool = False

    def may_be_kept_by(self, who: Who) -> bool:
        """Staff of its hub; what is restricted by those of that very hub; a partner's by its own bookers; a person's by
        themselves; and one booking's by nobody but whoever has its link (`make_booking_link`)."""
        if self.kind in PERSONAL:
            return self.kind != "booking" and self.id == who.id
        if self.hub_id is None:
            return self.id in who.organisation_ids
        return who.works_at(self.hub_id) if self.is_restricted else who.may_act_at(self.hub_id)


async def about(kind: str, about_id: UUID) -> About | None:
    """What such a calendar would be of; None when there is no such thing."""
    if kind == "partner":
        row = await db.row("SELECT name FROM organisation WHERE id = $1 AND ended_at IS NULL", about_id)
        return About(kind, about_id, row["name"], None) if row else None
    if kind in ("family", "staff", "duties"):
        return About(kind, about_id, OWN_NAMES[kind], None)
    columns = "l.hub_id, l.name, l.hub_name, (l.is_restricted OR l.kind = 'restricted') AS is_restricted"
    found = {
        "room": f"SELECT {columns}, o.name AS room_name FROM room o JOIN location l ON l.id = o.location_id WHERE o.id = $1",
        "location": f"SELECT {columns} FROM location l WHERE l.id = $1",
        "hub": f"SELECT {columns} FROM location l WHERE l.id = $1 AND l.hub_id = l.id",
        "run": "SELECT r.hub_id, r.title AS name, '' AS hub_name, (r.is_restricted OR l.is_restricted) AS is_restricted"
        " FROM run r JOIN location l ON l.id = r.location_id WHERE r.id = $1 AND r.state <> 'draft'",
    }
    row = await db.row(found[kind], about_id) if kind in found else None
    if row is None:
        return None
    names = {"room": f"{row.get('room_name')}, {row['name']}", "location": row["name"], "run": row["name"]}
    name = names.get(kind) or row["hub_name"] or row["name"]
    return About(kind, about_id, name, row["hub_id"], bool(row["is_restricted"]))


async def make_link(*, kind: str, about_id: UUID, sees: str, words: str, by: Who) -> tuple[UUID, str]:
    """A new secret address: its id, and the token, which is told this once and kept by nobody. In a transaction.

    `words` say whom it is for. Raises Refused for an unknown `sees` or too many addresses, LookupError when there is no such
    thing or it is not theirs to give away.
    """
    of = await about(kind, about_id)
    if of is None or not of.may_be_kept_by(by):
        raise LookupError(f"{kind} {about_id}")
    return await _make(of, sees, words, by)


async def make_booking_link(*, booking_id: UUID, sees: str, words: str) -> tuple[UUID, str]:
    """The same for one booking, by whoever has its link. In a transaction.

    Raises Refused for an unknown `sees` or too many addresses.
    """
    return await _make(of_booking(booking_id), sees, words, None)


def of_booking(booking_id: UUID) -> About:
    return About("booking", booking_id, OWN_NAMES["booking"], None)


async def _make(of: About, sees: str, words: str, by: Who | None) -> tuple[UUID, str]:
    if sees not in CHOICES.get(of.kind, SEES):
        raise Refused([UNKNOWN])
    if len(await links_about(of.kind, of.id)) >= MOST:
        raise Refused([Problem(TOO_MANY.words.format(n=MOST), rule=TOO_MANY.rule)])
    token = secrets.token_urlsafe(24)
    link = FeedLink(
        kind=of.kind, about_id=of.id, token_hash=hash_of(token), sees=sees, words=" ".join(words.split())[:120],
        created_at=clock.now(), by_id=by.id if by else None,
    )  # fmt: skip
    await db.write_new([link])
    await audit.record(
        "make calendar link", about_kind="feed_link", about_id=link.id, by=by, by_name="" if by else "family",
        hub_id=of.hub_id, after={"kind": of.kind, "about": str(of.id), "sees": sees},
    )  # fmt: skip
    return link.id, token


async def revoke_link(*, link_id: UUID, by: Who) -> None:
    """From now on the address answers 404. Does nothing to one that is revoked already.

    Raises LookupError when there is no such address or it is not theirs.
    """
    link = await link_kept_by(by, link_id)
    if link is None:
        raise LookupError(f"link {link_id}")
    await _revoke(link, by)


async def revoke_booking_link(*, link_id: UUID, booking_id: UUID) -> None:
    """The same for an address of one booking, by whoever has the booking's link. Raises LookupError for one of another."""
    link = await db.row(f"{LINKS} AND f.id = $1 AND f.kind = 'booking' AND f.about_id = $2", link_id, booking_id)
    if link is None:
        raise LookupError(f"link {link_id}")
    await _revoke(link, None)


async def _revoke(link: Row, by: Who | None) -> None:
    async def body() -> None:
        ended = await db.row(
            "UPDATE feed_link SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL RETURNING id",
            clock.now(),
            link["id"],
        )
        if ended:
            await audit.record(
                "revoke calendar link", about_kind="feed_link", about_id=link["id"], by=by,
                by_name="" if by else "family", hub_id=link["hub_id"],
            )  # fmt: skip

    await db.run_tx(body)


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


async def link_of(token: str) -> Row | None:
    """The link that a token opens; None when it is unknown or revoked. One query."""
    return await db.row(f"{LINKS} AND f.token_hash = $1", hash_of(token))


async def links_about(kind: str, about_id: UUID) -> list[Row]:
    """Every address in use of one calendar, the newest first."""
    return await db.rows(
        f"{LINKS} AND f.kind = $1 AND f.about_id = $2 ORDER BY f.created_at DESC, f.id", kind, about_id
    )


async def links_of_hubs(who: Who) -> list[Row]:
    """Every address in use within the hubs of who asks."""
    found = await db.rows(
        f"{LINKS} AND f.kind IN ('room', 'location', 'hub', 'run') ORDER BY f.created_at DESC, f.id LIMIT 500"
    )
    return [row for row in found if about_of(row).may_be_kept_by(who)]


async def link_kept_by(who: Who, link_id: UUID) -> Row | None:
    """A link that is theirs to revoke, or None."""
    row = await db.row(f"{LINKS} AND f.id = $1", link_id)
    return row if row and about_of(row).may_be_kept_by(who) else None


def about_of(link: Row) -> About:
    """What a link is about; the name says nothing where that is restricted, for the calendar's own name is no secret."""
    names = {
        "room": f"{link['room_name']}, {link['location_name']}",
        "location": link["location_name"],
        "hub": link["hub_name"] or link["location_name"],
        "partner": link["organisation_name"],
        "run": link["run_title"],
        **OWN_NAMES,
    }
    return About(link["kind"], link["about_id"], names[link["kind"]] or "", link["hub_id"], bool(link["is_restricted"]))


async def was_read(link: Row, version: str) -> datetime:
    """When the calendar last became what it is now; writes down a new version, and once an hour that it was read."""
    now = clock.now()
    if link["version"] != version:
        await db.execute(
            "UPDATE feed_link SET version = $1, changed_at = $2, read_at = $2 WHERE id = $3", version, now, link["id"]
        )
        return now
    if link["read_at"] is None or now - link["read_at"] > READ_EVERY:
        await db.execute("UPDATE feed_link SET read_at = $1 WHERE id = $2", now, link["id"])
    return link["changed_at"] or now

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

KINDS = {"room": "Room", "location": "Location", "hub": "Hub", "partner": "Partner"}
SEES = {"all": "What is on", "busy": "Busy times only"}
MOST = 20
READ_EVERY = timedelta(hours=1)
TOO_MANY = Problem("There are {n} addresses already. Revoke one that nobody needs.", rule="too many")
UNKNOWN = Problem("Choose what the calendar is to show.", "sees", rule="unknown")

# the link f with what it is about: name, hub, and whether that is restricted
LINKS = (
    "SELECT f.id, f.kind, f.about_id, f.sees, f.words, f.created_at, f.read_at, f.version, f.changed_at, f.by_id,"
    " o.name AS room_name, l.name AS location_name, l.hub_name, l.hub_id, g.name AS organisation_name,"
    " (l.is_restricted OR l.kind = 'restricted') AS is_restricted"
    " FROM feed_link f LEFT JOIN room o ON f.kind = 'room' AND o.id = f.about_id"
    " LEFT JOIN location l ON l.id = COALESCE(o.location_id, CASE WHEN f.kind IN ('location', 'hub') THEN f.about_id END)"
    " LEFT JOIN organisation g ON f.kind = 'partner' AND g.id = f.about_id"
    " WHERE f.revoked_at IS NULL AND g.ended_at IS NULL"
)

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class About:
    """What a calendar is of. hub_id is None for a partner's."""

    kind: str
    id: UUID
    name: str
    hub_id: UUID | None
    is_restricted: bool = False

    def may_be_kept_by(self, who: Who) -> bool:
        """Staff of its hub; what is restricted by those of that very hub; a partner's by its own bookers."""
        if self.hub_id is None:
            return self.id in who.organisation_ids
        return who.works_at(self.hub_id) if self.is_restricted else who.may_act_at(self.hub_id)


async def about(kind: str, about_id: UUID) -> About | None:
    """What such a calendar would be of; None when there is no such thing."""
    if kind == "partner":
        row = await db.row("SELECT name FROM organisation WHERE id = $1 AND ended_at IS NULL", about_id)
        return About(kind, about_id, row["name"], None) if row else None
    columns = "l.hub_id, l.name, l.hub_name, (l.is_restricted OR l.kind = 'restricted') AS is_restricted"
    found = {
        "room": f"SELECT {columns}, o.name AS room_name FROM room o JOIN location l ON l.id = o.location_id WHERE o.id = $1",
        "location": f"SELECT {columns} FROM location l WHERE l.id = $1",
        "hub": f"SELECT {columns} FROM location l WHERE l.id = $1 AND l.hub_id = l.id",
    }
    row = await db.row(found[kind], about_id) if kind in found else None
    if row is None:
        return None
    names = {"room": f"{row.get('room_name')}, {row['name']}", "location": row["name"]}
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
    if sees not in SEES:
        raise Refused([UNKNOWN])
    if len(await links_about(kind, about_id)) >= MOST:
        raise Refused([Problem(TOO_MANY.words.format(n=MOST), rule=TOO_MANY.rule)])
    token = secrets.token_urlsafe(24)
    link = FeedLink(
        kind=kind, about_id=about_id, token_hash=hash_of(token), sees=sees, words=" ".join(words.split())[:120],
        created_at=clock.now(), by_id=by.id,
    )  # fmt: skip
    await db.write_new([link])
    await audit.record(
        "make calendar link", about_kind="feed_link", about_id=link.id, by=by, hub_id=of.hub_id,
        after={"kind": kind, "about": str(about_id), "sees": sees},
    )  # fmt: skip
    return link.id, token


async def revoke_link(*, link_id: UUID, by: Who) -> None:
    """From now on the address answers 404. Does nothing to one that is revoked already.

    Raises LookupError when there is no such address or it is not theirs.
    """
    link = await link_kept_by(by, link_id)
    if link is None:
        raise LookupError(f"link {link_id}")

    async def body() -> None:
        ended = await db.row(
            "UPDATE feed_link SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL RETURNING id",
            clock.now(),
            link_id,
        )
        if ended:
            await audit.record(
                "revoke calendar link", about_kind="feed_link", about_id=link_id, by=by, hub_id=link["hub_id"]
            )

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
    found = await db.rows(f"{LINKS} AND f.kind <> 'partner' ORDER BY f.created_at DESC, f.id LIMIT 500")
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

"""Who it is that texts us: the people who have a number, or whom staff have found for it, as far as somebody may know them."""

from typing import Any
from uuid import UUID

from booking import clock, db
from booking.people.signing_in import Who
from booking.programmes import disclosure
from booking.programmes.staff_lists import within
from booking.programmes.texts.who_reads import TIES

PERSON = "p.id, p.name, p.phone_state, p.is_discreet, p.safe_from, p.safe_to, p.safe_days, p.contact_words, p.language, p.created_at"
BOOKED = (
    "SELECT r.hub_id, b.person_id FROM booking b JOIN run r ON r.id = b.run_id UNION ALL SELECT r.hub_id, w.person_id"
    " FROM waiting_entry w JOIN run r ON r.id = w.run_id"
)


def names_of(people: list[dict[str, Any]]) -> str:
    names = list(dict.fromkeys(each["name"] for each in people))
    return (
        names[0]
        if len(names) == 1
        else f"{names[0]} or {names[1]}"
        if len(names) == 2
        else f"{names[0]} and others"
        if names
        else ""
    )


async def people_with(who: Who, phone: str) -> list[dict[str, Any]]:
    """Who has this number and something to do with a hub of who asks: id, name, phone_state, is_discreet and safe hours."""
    condition, parameters = within(who, 2, column="x.hub_id")
    found = await db.rows(
        f"SELECT {PERSON} FROM person p WHERE p.phone = $1 AND EXISTS (SELECT 1 FROM ({BOOKED}"
        " UNION ALL SELECT m.hub_id, m.person_id FROM message m) x WHERE x.person_id = p.id"
        f" AND ({condition})) ORDER BY p.created_at DESC, p.id DESC LIMIT 20",
        phone, *parameters,
    )  # fmt: skip
    return found


async def careful_of(person_ids: list[UUID]) -> set[UUID]:
    """Those of them who are discreet or have to do with something restricted."""
    found = await db.rows(
        f"SELECT d.id FROM person d WHERE d.id IN {db.in_list(person_ids)} AND (d.is_discreet OR EXISTS"
        f" ({TIES.format(phone='h.phone')} AND h.id = d.id))",
        *person_ids,
    )
    return {each["id"] for each in found}


async def linked(who: Who, person_id: UUID | None) -> dict[str, Any] | None:
    """Whom staff found for a number that nobody had given us; None where who asks may not know them: of careful ones, whoever does
    not work at a hub of theirs."""
    if person_id is None:
        return None
    condition, parameters = within(who, 2, column="x.hub_id")
    if await careful_of([person_id]):
        parameters = sorted(who.role_hubs)
        condition = f"x.hub_id IN {db.in_list(parameters, 2)}"
    return await db.row(
        f"SELECT {PERSON} FROM person p WHERE p.id = $1 AND EXISTS (SELECT 1 FROM ({BOOKED}) x WHERE x.person_id = p.id"
        f" AND ({condition}))",
        person_id, *parameters,
    )  # fmt: skip


async def coming_of(who: Who, person_ids: list[UUID]) -> list[dict[str, Any]]:
    """What these people have booked at hubs of who asks, the next first: title, starts_at, session_id and name."""
    if not person_ids:
        return []
    condition, parameters = within(who, 2 + len(person_ids), column="r.hub_id")
    found = await db.rows(
        f"SELECT {disclosure.FACTS_AT_SLOT}, s.hub_id, r.hub_id AS run_hub_id, h.name FROM booking b JOIN person h ON"
        " h.id = b.person_id JOIN session s ON s.id = COALESCE(b.session_id, (SELECT n.id FROM session n WHERE n.run_id = b.run_id"
        f" AND n.state = 'planned' AND n.starts_at > $1 ORDER BY n.starts_at LIMIT 1)) {disclosure.JOINS} {disclosure.SLOT}"
        f" WHERE b.person_id IN {db.in_list(person_ids, 2)} AND b.state = 'booked' AND s.state = 'planned' AND s.starts_at > $1"
        f" AND {condition} ORDER BY s.starts_at, s.id LIMIT 6",
        clock.now(), *person_ids, *parameters,
    )  # fmt: skip
    return [
        {
            "title": row["title"],
            "at": row["starts_at"],
            "path": f"/staff/sessions/{row['session_id']}",
            "name": row["name"],
        }
        for row in found
        if not row["is_restricted"] or who.works_at(row["run_hub_id"])
    ]

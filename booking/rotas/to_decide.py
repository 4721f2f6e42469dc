"""What of a rota waits for a manager, counted for Today."""

from uuid import UUID

from booking import clock, db
from booking.people.signing_in import Who
from booking.rotas.people_who_work.worker_lists import LAPSES, SOON

WAITS = ("leave", "swaps", "declined", "skills")
COUNTS = (
    "SELECT (SELECT COUNT(*) FROM leave v JOIN staff_profile f ON f.id = v.staff_id WHERE v.state = 'requested'"
    " AND f.person_id <> $2{leave}) AS leave,"
    " (SELECT COUNT(*) FROM swap_request w JOIN shift s ON s.id = w.shift_id JOIN assignment a ON a.shift_id = s.id"
    " AND a.layer = 'published' AND a.staff_id = w.from_staff_id WHERE w.state = 'agreed' AND s.starts_at > $1{shift}) AS swaps,"
    " (SELECT COUNT(*) FROM assignment a JOIN shift s ON s.id = a.shift_id WHERE a.layer = 'published' AND a.answer = 'declined'"
    " AND s.state = 'open' AND s.starts_at > $1{declined}) AS declined,"
    " (SELECT COUNT(DISTINCT h.staff_id) FROM staff_skill h JOIN staff_profile f ON f.id = h.staff_id"
    f" WHERE {LAPSES.format(soon='$3')} AND (f.to_date IS NULL OR f.to_date >= $4){{leave}}) AS skills"
)


async def how_many(who: Who, hub_id: UUID | None = None) -> dict[str, int]:
    """leave, swaps and declined: how many of each wait for this manager; one's own leave is for somebody else, a declined duty also
    for those whose hub the person belongs to. skills: how many people have one to renew. None of them for who decides nothing
    there. One query."""
    if not (who.manages(hub_id) if hub_id else who.is_manager):
        return dict.fromkeys(WAITS, 0)
    hubs = [hub_id] if hub_id else who.managed_hub_ids
    some = "" if hubs is None else db.in_list(hubs, 5)
    at = {"leave": "", "shift": "", "declined": ""}
    if some:
        at = {"leave": f" AND f.hub_id IN {some}", "shift": f" AND s.hub_id IN {some}"}
        at["declined"] = (
            f" AND (s.hub_id IN {some} OR a.staff_id IN (SELECT id FROM staff_profile WHERE hub_id IN {some}))"
        )
    row = await db.row(COUNTS.format(**at), clock.now(), who.id, clock.today() + SOON, clock.today(), *(hubs or ()))
    return {name: int(row[name]) if row else 0 for name in WAITS}

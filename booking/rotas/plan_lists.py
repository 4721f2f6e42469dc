"""Plans that somebody may see: those of hubs that they manage, all of them."""

from typing import Any
from uuid import UUID

from booking import db
from booking.people.signing_in import Who
from booking.rotas.planner import running

Row = dict[str, Any]
COLUMNS = "id, hubs, first_date, last_date, engine, state, done, total, words, created_at, finished_at, by_id"
MOST = 200


def may_see(run: Row, who: Who) -> bool:
    return bool(run["hubs"]) and all(who.manages(UUID(each)) for each in run["hubs"])


async def one(run_id: UUID, who: Who) -> Row | None:
    """The plan with all that was found, or None where it is not there or of a hub that is not theirs (promise P6)."""
    row = await db.row("SELECT * FROM plan_run WHERE id = $1", run_id)
    run = running.read(row) if row else None
    return run if run and may_see(run, who) else None


async def latest(who: Who, count: int = 8) -> list[Row]:
    """The newest first, with the name of who asked."""
    rows = await db.rows(
        f"SELECT {', '.join('r.' + each.strip() for each in COLUMNS.split(','))}, p.name AS by_name FROM plan_run r"
        f" LEFT JOIN person p ON p.id = r.by_id ORDER BY r.created_at DESC LIMIT {MOST}"
    )
    found = [row | {"hubs": _list(row["hubs"])} for row in rows]
    return [row for row in found if may_see(row, who)][:count]


def _list(stored: Any) -> list[str]:
    return running.passing.json.loads(stored) if isinstance(stored, str) else stored

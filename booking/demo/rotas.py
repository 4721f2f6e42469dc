"""The demo's rotas: the coming weeks drafted as staff would have them drafted, the first two published, and at Ferndown the weeks
before as they were. What nobody can do stays open, as it would in a real county."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from booking import clock, db
from booking.demo.needs import FERNDOWN
from booking.demo.workers import KNOWN
from booking.rotas import loading
from booking.rotas.models import Leave, Publication
from booking.rotas.planner import greedy, work_blocks
from booking.rotas.values import Duty, Plan

WEEKS, PUBLISHED_WEEKS = 3, 2
COLUMNS = (
    *("id", "shift_id", "staff_id", "layer", "starts_at", "ends_at", "is_pinned", "source", "answer", "answered_at"),
    *("overridden", "override_reason", "sequence", "made_at"),
)


async def make(today: date) -> None:
    """After people, needs and the shifts made from them."""
    near = today + timedelta(days=2)  # at a weekend the weeks begin with the next
    monday = near - timedelta(days=near.weekday())
    hub_id = await db.value("SELECT id FROM location WHERE code = $1", FERNDOWN)
    before = today - timedelta(days=today.weekday() + 7)
    if hub_id is not None and before < today:
        past = await loading.load([hub_id], before, today - timedelta(days=1))
        await _planned(past, past.last)
    plan = await loading.load(None, today, monday + timedelta(days=7 * WEEKS - 1), everybody=True)
    until = monday + timedelta(days=7 * PUBLISHED_WEEKS - 1)
    given = await _planned(plan, until)
    if hub_id is None:
        return
    later = await loading.load([hub_id], plan.last + timedelta(days=1), plan.last + timedelta(days=7))
    await _planned(later, until)
    staff = {each.id for each in plan.workers if each.kind == "staff" and each.name not in KNOWN}
    own = [each for each in plan.duties if each.place.hub_id == hub_id and given.get(each.id) in staff]
    await _ill([each for each in own if today < each.date <= until], plan, given)


async def _planned(plan: Plan, until: date) -> Mapping[UUID, UUID]:
    """The quick draft of a plan, published up to a day. Returns shift -> who does it."""
    planned = greedy.plan(plan)
    moved = work_blocks.moved_duties(plan, planned.found["moved"])
    await _move(moved)
    inside = (each for each in work_blocks.with_moved(plan, moved).duties if plan.first <= each.date <= plan.last)
    duties = [each for each in inside if each.id in planned.given]
    await _give([each for each in duties if each.id not in plan.given], planned.given, until)
    await _publications([each for each in duties if each.date <= until], planned.given, plan, until)
    return planned.given


async def _ill(own: list[Duty], plan: Plan, given: Mapping[UUID, UUID]) -> None:
    """Somebody rings in sick for a day on which they have one duty: a broken rule to look at, and a red one on the cover board."""
    count = Counter((given[each.id], each.date) for each in plan.duties if each.id in given)
    for each in sorted(own, key=lambda it: (it.starts_at, it.position)):
        if each.kind == "cover" and count[given[each.id], each.date] == 1:
            await Leave.create(
                staff_id=given[each.id], first_date=each.date, last_date=each.date, kind="sick", state="approved",
                asked_at=clock.now(), decided_at=clock.now(),
            )  # fmt: skip
            return


async def _move(moved: Mapping[UUID, Duty]) -> None:
    """Work blocks that found their time elsewhere."""
    for each in moved.values():
        await db.execute(
            "UPDATE shift SET date = $2, start_time = $3, end_time = $4, starts_at = $5, ends_at = $6 WHERE id = $1",
            each.id, each.date, each.start, each.end, each.starts_at, each.ends_at,
        )  # fmt: skip


async def _give(duties: list[Duty], given: Mapping[UUID, UUID], until: date) -> None:
    """Everybody in the draft; what is published most have accepted."""
    now, lines = _yesterday(), []
    for n, each in enumerate(duties):
        for layer in ("draft", "published") if each.date <= until else ("draft",):
            answer = "accepted" if layer == "published" and n % 5 else ""
            lines.append(
                (db.new_id(), each.id, given[each.id], layer, each.starts_at, each.ends_at, False, "greedy", answer,
                 now if answer else None, "", "", 0, now)
            )  # fmt: skip
    await db.insert_many("assignment", COLUMNS, lines)


async def _publications(duties: list[Duty], given: Mapping[UUID, UUID], plan: Plan, until: date) -> None:
    """One act of publishing for each hub."""
    by_hub: dict[UUID, list[Duty]] = defaultdict(list)
    for each in duties:
        by_hub[each.place.hub_id].append(each)
    at, authors = _yesterday(), await _authors()
    await db.write_new(
        [
            Publication(
                hub_id=hub, first_date=plan.first, last_date=until, state="told", at=at, due_at=at + timedelta(minutes=10),
                by_id=authors.get(hub, authors[None]), changes=[{"shift": str(it.id), "before": None, "after": str(given[it.id])} for it in own],
            )
            for hub, own in by_hub.items()
        ]
    )  # fmt: skip


async def _authors() -> dict[UUID | None, UUID | None]:
    """Who publishes the rota of a hub: its manager; under None the county administrator, for hubs that have none."""
    rows = await db.rows("SELECT hub_id, person_id FROM role WHERE kind IN ('hub_manager', 'county_admin') ORDER BY id")
    return {None: None} | {row["hub_id"]: row["person_id"] for row in rows}


def _yesterday() -> datetime:
    return clock.now() - timedelta(days=1)

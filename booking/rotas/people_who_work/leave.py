"""Time away: asked for, decided, taken back, or written down as sickness. Nothing here takes a duty from anybody: duties in the way
become broken rules, and each verb returns which they are."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.messages import outbox
from booking.people.models import Person
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.rotas.models import Leave, StaffProfile
from booking.rotas.people_who_work.keeping import GONE, NOT_YOURS
from booking.rotas.people_who_work.worker_facts import one_line

KINDS = {"annual": "Annual leave", "training": "Training", "sick": "Sick", "other": "Other"}
STATES = {"requested": "Asked for", "approved": "Approved", "declined": "Declined", "withdrawn": "Withdrawn"}
LONGEST_DAYS = 366
FURTHEST = timedelta(days=2 * 366)
DECIDED = Problem("Somebody has decided about this already.", rule="decided")
NO_ANSWER = Problem("Say why not, so that they can plan.", "answer", rule="missing")
TOLD = {True: "leave_approved", False: "leave_declined"}
NOT_EARLIER = Problem("They are back by then already", "back", rule="not earlier")
UNDO = timedelta(minutes=5)
OWN = Problem("Somebody else decides about your own leave.", rule="own")


async def ask_for_leave(
    staff_id: UUID,
    first: date,
    last: date,
    start: str = "00:00",
    end: str = "24:00",
    kind: str = "annual",
    reason: str = "",
    by: Who | None = None,
) -> UUID:
    """Somebody asks for time away from the first to the last day, from start to end on each; returns its id. They ask for
    themselves, or a manager of their hub for them. Raises Refused with Problems beside the fields first, last, start, end, kind."""
    return await db.run_tx(lambda: _ask(staff_id, first, last, start, end, kind, reason, by, state="requested"))


async def record_leave(
    staff_id: UUID, first: date, last: date, *, start: str = "00:00", end: str = "24:00", kind: str = "annual",
    reason: str = "", credit_minutes: int | None = None, by: Who,
) -> tuple[UUID, list[UUID]]:  # fmt: skip
    """A manager writes down leave that is agreed: approved at once. Returns its id and the shifts in its way. Raises Refused."""

    async def body() -> tuple[UUID, list[UUID]]:
        await _refuse_other_hub(staff_id, by)
        id = await _ask(staff_id, first, last, start, end, kind, reason, by, state="approved", credit=credit_minutes)
        return id, await concerned(id)

    return await db.run_tx(body)


async def record_sickness(staff_id: UUID, first: date, last: date, by: Who | None) -> list[UUID]:
    """Somebody is ill: approved at once, beside whatever other leave there is. Returns their shifts in those days that have not
    begun, in order of time. By themselves, a manager or staff of their hub. Raises Refused."""

    async def body() -> list[UUID]:
        id = await _ask(staff_id, first, last, "00:00", "24:00", "sick", "", by, state="approved")
        return await concerned(id)

    return await db.run_tx(body)


async def _ask(
    staff_id: UUID, first: date, last: date, start: str, end: str, kind: str, reason: str, by: Who | None, *, state: str,
    credit: int | None = None,
) -> UUID:  # fmt: skip
    profile = await StaffProfile.filter(id=staff_id).select_for_update(no_key=True).first()
    if profile is None or not _may_ask(profile, by):
        raise Refused([GONE])
    problems = problems_of(first, last, start, end, kind)
    if not problems and kind != "sick" and await _overlaps(staff_id, first, last, start, end):
        problems = [Problem("There is leave in these days already.", "first", rule="overlap")]
    if problems:
        raise Refused(problems)
    if kind == "sick":  # pressed twice it is written down once
        same = {"staff_id": staff_id, "kind": kind, "state": state, "first_date": first, "last_date": last}
        if there := await Leave.filter(**same).first():
            return there.id
    now = clock.now()
    is_decided = state == "approved"
    row = await Leave.create(
        staff_id=staff_id, first_date=first, last_date=last, start=start, end=end, kind=kind, state=state, credit_minutes=credit,
        reason=one_line(reason), asked_at=now, decided_at=now if is_decided else None,
        decided_by_id=by.id if is_decided and by else None,
    )  # fmt: skip
    verb = "record sickness" if kind == "sick" else "record leave" if is_decided else "ask for leave"
    await _record(verb, row.id, profile.hub_id, by, after=_facts(profile, row))
    return row.id


def problems_of(
    first: date, last: date, start: str = "00:00", end: str = "24:00", kind: str = "annual"
) -> list[Problem]:
    """What is wrong with these days whoever asks. Pure but for today."""
    today = clock.today()
    found = []
    if kind not in KINDS:
        found.append(Problem("Choose what kind of leave it is", "kind", rule="kind"))
    if last < first:
        found.append(Problem("The last day is before the first", "last", rule="order"))
    elif (last - first).days >= LONGEST_DAYS:
        found.append(Problem("At most a year fits", "last", rule="too long"))
    if abs(first - today) > FURTHEST:
        found.append(Problem("Check the year", "first", rule="too far"))
    if end <= start:
        found.append(Problem("It ends before it begins", "end", rule="order"))
    return found


def _may_ask(profile: StaffProfile, by: Who | None) -> bool:
    return by is None or by.id == profile.person_id or (by.is_staff and by.may_act_at(profile.hub_id))


async def _overlaps(staff_id: UUID, first: date, last: date, start: str, end: str) -> bool:
    found = await db.row(
        "SELECT id FROM leave WHERE staff_id = $1 AND state IN ('requested', 'approved') AND kind <> 'sick' AND first_date <= $3"
        ' AND last_date >= $2 AND start < $5 AND "end" > $4 LIMIT 1',
        staff_id, first, last, start, end,
    )  # fmt: skip
    return found is not None


async def decide_leave(id: UUID, is_approved: bool, answer: str, by: Who) -> list[UUID]:
    """A manager says yes or no, and they hear of it in five minutes; returns the person's shifts in the way of an approved leave. Declining needs an answer. Of two who
    decide at once the first counts. Raises Refused: gone, decided, not theirs to decide, no answer."""

    async def body() -> list[UUID]:
        row, profile = await _found(id, by)
        if profile.person_id == by.id and not by.is_admin:
            raise Refused([OWN])
        if not is_approved and not one_line(answer):
            raise Refused([NO_ANSWER])
        await _move(row, "requested", "approved" if is_approved else "declined", answer, by)
        verb = "approve leave" if is_approved else "decline leave"
        await _record(verb, id, profile.hub_id, by, why=one_line(answer), after=_facts(profile, row))
        if profile.person_id != by.id:
            await _tell(row, profile, is_approved, answer)
        return await concerned(id) if is_approved else []

    return await db.run_tx(body)


async def _tell(row: Leave, profile: StaffProfile, is_approved: bool, answer: str) -> None:
    """They hear what was decided, once there was time to undo it."""
    now = clock.now()
    await outbox.queue(
        person=await Person.get(id=profile.person_id),
        kind=TOLD[is_approved],
        facts={
            "leave_first": row.first_date.isoformat(),
            "leave_last": row.last_date.isoformat(),
            "reason": one_line(answer),
            "staff_path": "/duties/leave",
        },
        about=("leave", row.id),
        dedupe_key=f"leave:{row.id}:{now.timestamp()}",
        due_at=now + UNDO,
        expires_at=max(clock.at(row.last_date, "23:59"), now + 2 * UNDO),
        hub_id=profile.hub_id,
    )


async def reopen_leave(id: UUID, by: Who) -> None:
    """Undoes a decision: it is asked for again. Raises Refused: gone, not decided, or sickness."""

    async def body() -> None:
        row, profile = await _found(id, by)
        if row.state not in ("approved", "declined") or row.kind == "sick":
            raise Refused([DECIDED])
        await _move(row, row.state, "requested", "", by, is_open=True)
        await outbox.void(why="The decision was undone.", about=("leave", id))
        await _record("reopen leave", id, profile.hub_id, by, before={"state": row.state}, after=_facts(profile, row))

    await db.run_tx(body)


async def withdraw_leave(id: UUID, by: Who | None) -> None:
    """Taken back by whoever asked, while nobody has decided and it is not over; by a manager also later. Raises Refused."""

    async def body() -> None:
        row = await Leave.filter(id=id).first()
        profile = await StaffProfile.filter(id=row.staff_id).first() if row else None
        if row is None or profile is None or not _may_ask(profile, by):
            raise Refused([GONE])
        is_manager = by is None or by.manages(profile.hub_id)
        if row.state != "requested" and not (row.state == "approved" and is_manager):
            raise Refused([DECIDED])
        await _move(row, row.state, "withdrawn", row.answer, by)
        await _record("withdraw leave", id, profile.hub_id, by, before={"state": row.state}, after=_facts(profile, row))

    await db.run_tx(body)


async def shorten_sickness(id: UUID, last: date, by: Who | None) -> None:
    """They are back: the last day of being ill is an earlier one; before its first day they were not away at all. What was opened
    stays open. Raises Refused: gone, or it ends by then already (being ill for longer is written down anew, so that duties open)."""

    async def body() -> None:
        row = await Leave.filter(id=id, kind="sick", state="approved").first()
        profile = await StaffProfile.filter(id=row.staff_id).first() if row else None
        if row is None or profile is None or not _may_ask(profile, by):
            raise Refused([GONE])
        if last >= row.last_date:
            raise Refused([NOT_EARLIER])
        changed = {"state": "withdrawn"} if last < row.first_date else {"last_date": last}
        await Leave.filter(id=id).update(**changed)
        changed = {name: str(value) for name, value in changed.items()}
        await _record(
            "change sickness", id, profile.hub_id, by, before={"last_date": str(row.last_date)}, after=changed
        )

    await db.run_tx(body)


async def concerned(id: UUID) -> list[UUID]:
    """Shifts that have not begun and that the person of this leave has in its way, in either layer, in order of time."""
    rows = await db.rows(
        "SELECT DISTINCT s.id, s.starts_at FROM leave v JOIN assignment a ON a.staff_id = v.staff_id"
        " JOIN shift s ON s.id = a.shift_id WHERE v.id = $1 AND s.state = 'open' AND s.starts_at > $2"
        ' AND s.date BETWEEN v.first_date AND v.last_date AND s.start_time < v."end"'
        " AND (s.end_time > v.start OR s.end_time <= s.start_time) ORDER BY s.starts_at, s.id",
        id,
        clock.now(),
    )
    return [row["id"] for row in rows]


async def _found(id: UUID, by: Who) -> tuple[Leave, StaffProfile]:
    row = await Leave.filter(id=id).first()
    profile = await StaffProfile.filter(id=row.staff_id).first() if row else None
    if row is None or profile is None or not by.manages(profile.hub_id):
        raise Refused([GONE])
    return row, profile


async def _refuse_other_hub(staff_id: UUID, by: Who) -> None:
    hub_id = await db.value("SELECT hub_id FROM staff_profile WHERE id = $1", staff_id)
    if hub_id is None or not by.manages(hub_id):
        raise Refused([NOT_YOURS])


async def _move(row: Leave, before: str, after: str, answer: str, by: Who | None, *, is_open: bool = False) -> None:
    """From one state to another, if it is still in that. Raises Refused: decided."""
    moved = await db.row(
        "UPDATE leave SET state = $3, answer = $4, decided_at = $5, decided_by_id = $6 WHERE id = $1 AND state = $2 RETURNING id",
        row.id, before, after, one_line(answer), None if is_open else clock.now(), None if is_open or by is None else by.id,
    )  # fmt: skip
    if moved is None:
        raise Refused([DECIDED])


def _facts(profile: StaffProfile, row: Leave) -> dict[str, Any]:
    """For the audit trail: who and when; why somebody is away is nobody's business later."""
    return {"worker": profile.known_as, "first_date": str(row.first_date), "last_date": str(row.last_date)}


async def _record(verb: str, id: UUID, hub_id: UUID, by: Who | None, **values: Any) -> None:
    await audit.record(verb, about_kind="leave", about_id=id, hub_id=hub_id, by=by, **values)

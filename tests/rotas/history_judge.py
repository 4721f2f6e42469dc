"""What must not be after any history of a rota: each thing wrong as one line of text."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from booking import db
from booking.programmes.registers.registering import as_json

TWICE = (
    "SELECT a.staff_id, a.layer, a.starts_at FROM assignment a JOIN assignment b ON b.staff_id = a.staff_id AND b.layer = a.layer"
    " AND b.id <> a.id AND b.starts_at < a.ends_at AND a.starts_at < b.ends_at"
)
OTHER_TIMES = (
    "SELECT s.id, s.kind, a.layer, s.starts_at, a.starts_at AS other_at FROM assignment a JOIN shift s ON s.id = a.shift_id"
    " WHERE a.starts_at <> s.starts_at OR a.ends_at <> s.ends_at"
)
GONE = (
    "SELECT s.id, s.kind, s.state, a.layer FROM assignment a JOIN shift s ON s.id = a.shift_id WHERE s.state <> 'open'"
)
LAYERS = (
    "SELECT s.id, s.kind, p.staff_id, d.staff_id AS draft_id FROM shift s LEFT JOIN assignment p ON p.shift_id = s.id AND"
    " p.layer = 'published' LEFT JOIN assignment d ON d.shift_id = s.id AND d.layer = 'draft'"
)
OPEN_ASKS = (
    "SELECT k.id, s.state, p.staff_id, k.instead_of_id FROM cover_ask k JOIN shift s ON s.id = k.shift_id LEFT JOIN assignment p ON"
    " p.shift_id = s.id AND p.layer = 'published' WHERE k.state = 'asked' AND (s.state <> 'open' OR (p.staff_id IS NOT NULL AND"
    " (k.instead_of_id IS NULL OR p.staff_id <> k.instead_of_id)))"
)
YES = (
    "SELECT k.id, k.shift_id, k.staff_id FROM cover_ask k WHERE k.state = 'yes' AND NOT EXISTS (SELECT 1 FROM audit_event e WHERE"
    " e.about_id = k.shift_id AND e.verb = 'assign duty')"
)
ENTRIES = (
    "SELECT m.id, m.session_id, m.person_id, m.calendar_method FROM message m WHERE m.kind = 'duty_invite' AND m.state <> 'void'"
    " ORDER BY m.due_at, m.id"
)
HELD = (
    "SELECT a.shift_id, f.person_id FROM assignment a JOIN staff_profile f ON f.id = a.staff_id JOIN shift s ON s.id = a.shift_id"
    " WHERE a.layer = 'published' AND s.ends_at > $1"
)
TRAIL = (
    "SELECT id, verb, about_id, at AS happened_at, after FROM audit_event WHERE verb IN ('assign duty', 'open duty', 'follow shift')"
    " ORDER BY at, id"
)

WELL_AGAIN = "SELECT about_id, undone_at, after FROM audit_event WHERE verb = 'report ill' AND undone_at IS NOT NULL"
STORY = "SELECT verb, at AS happened_at, before, after, undone_at FROM audit_event WHERE about_id = $1"
TOLD = "SELECT * FROM message WHERE kind = 'duty_invite' AND session_id = $1 AND person_id = $2"


async def judged(now: Any) -> list[str]:
    """Everything that is wrong, in words."""
    wrong = [f"two duties at once: {row}" for row in await db.rows(TWICE)]
    wrong += [f"times differ: {row}" for row in await db.rows(OTHER_TIMES)]
    wrong += [f"somebody in what is not open: {row}" for row in await db.rows(GONE)]
    wrong += [f"still asked: {row}" for row in await db.rows(OPEN_ASKS)]
    wrong += [f"a yes without a duty: {row}" for row in await db.rows(YES)]
    return [*wrong, *await _layers(), *await _swaps(), *await _publications(), *await _calendars(now)]


async def _layers() -> list[str]:
    """Where the draft is not what is published, a change of the draft alone says so in the trail."""
    said = []
    for row in await db.rows(TRAIL):
        after = as_json(row["after"])
        if row["verb"] != "follow shift" and "draft" in after["layers"]:
            said.append((row["happened_at"], row["about_id"], after["staff"]))
    for row in await db.rows(WELL_AGAIN):
        held = as_json(row["after"])["held"]
        said += [
            (row["undone_at"], UUID(each["shift_id"]), str(row["about_id"]))
            for each in held
            if each["layer"] == "draft"
        ]
    last: dict[Any, Any] = {shift: staff for _, shift, staff in sorted(said, key=lambda each: each[0])}
    return [
        f"the draft has changed and nobody did: {row} {last.get(row['id'], 'never')}"
        for row in await db.rows(LAYERS)
        if row["staff_id"] and row["staff_id"] != row["draft_id"]
        and last.get(row["id"], "never") != (str(row["draft_id"]) if row["draft_id"] else None)
    ]  # fmt: skip


async def _swaps() -> list[str]:
    """Approved is what a manager approved, once; at most one is open of each duty."""
    events: dict[str, int] = defaultdict(int)
    for row in await db.rows("SELECT after FROM audit_event WHERE verb = 'approve duty swap'"):
        events[as_json(row["after"])["swap"]] += 1
    rows = await db.rows("SELECT id, state, decided_at FROM swap_request")
    wrong = [f"swap {row['state']}, approved {events[str(row['id'])]} times" for row in rows
             if events[str(row["id"])] != int(row["state"] == "approved")]  # fmt: skip
    return wrong + [f"swap {row['state']} without a time" for row in rows
                    if row["state"] in ("approved", "refused", "withdrawn", "void") and not row["decided_at"]]  # fmt: skip


async def _publications() -> list[str]:
    rows = await db.rows(
        "SELECT p.id, p.state, p.undone_at, e.undone_at AS trail_at FROM publication p JOIN audit_event e ON e.id = p.id"
    )
    undone = sum(row["state"] == "undone" for row in rows)
    events = await db.value("SELECT COUNT(*) AS n FROM audit_event WHERE verb = 'undo publish rota'")
    wrong = [f"publication: {row}" for row in rows if (row["state"] == "undone") != (row["undone_at"] is not None)]
    wrong += [f"publication and trail differ: {row}" for row in rows if row["undone_at"] != row["trail_at"]]
    return wrong + ([f"{undone} publications undone, {events} in the trail"] if undone != events else [])


async def _calendars(now: Any) -> list[str]:
    """The last entry that anybody gets about a duty says what is so: it is theirs, or it is not."""
    last: dict[tuple[Any, Any], str] = {}
    for row in await db.rows(ENTRIES):
        last[row["session_id"], row["person_id"]] = row["calendar_method"]
    theirs = {(row["shift_id"], row["person_id"]) for row in await db.rows(HELD, now)}
    told = {key for key, method in last.items() if method == "REQUEST"}
    wrong = [("told of a duty that is not theirs", key) for key in told - theirs]
    wrong += [("not told of a duty that is theirs", key) for key in theirs - told]
    return [f"{what}: {key}\n{await _story(*key)}" for what, key in wrong]


async def _story(shift_id: Any, person_id: Any) -> str:
    """What happened to a duty, and what its person was told, in the order of time: to find what went wrong."""
    found = [
        (row["happened_at"], f"{row['verb']} {row['before']} -> {row['after']} undone {row['undone_at']}")
        for row in await db.rows(STORY, shift_id)
    ]
    for row in await db.rows("SELECT id, state, at AS happened_at, undone_at, changes FROM publication"):
        own = [each for each in as_json(row["changes"]) if each["shift"] == str(shift_id)]
        if own:
            words = f"publication {row['id']} {row['state']} {own[0]['before']} -> {own[0]['after']}"
            found += [(row["happened_at"], words)] + (
                [(row["undone_at"], f"undone {row['id']}")] * bool(row["undone_at"])
            )
    for row in await db.rows(TOLD, shift_id, person_id):
        words = (
            f"{row['calendar_method']} {row['state']} due {row['due_at']} batch {row['batch_id']} {row['dedupe_key']}"
        )
        found.append((row["created_at"], words))
    who = await db.rows("SELECT id, known_as, person_id FROM staff_profile ORDER BY known_as")
    names = {row["id"]: f"{row['known_as']}{' (it is theirs)' if row['person_id'] == person_id else ''}" for row in who}
    lines = [f"  {at} {words}" for at, words in sorted(found, key=lambda each: str(each[0]))]
    return "\n".join([f"  {names}", f"  {await db.rows('SELECT * FROM shift WHERE id = $1', shift_id)}", *lines])

"""The rules and wishes that rotas go by, as managers keep them: the county's, and a hub's where it differs.

Only what differs is stored: a hub follows the county in all else, the county what ships. A change counts from the next look at a rota;
it can be undone as long as nobody has changed it again.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError

from booking import audit, cells, clock, db
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.programmes.registers.registering import as_json
from booking.rotas import loading
from booking.rotas.models import RotaRules
from booking.rotas.values import Rules, Weights

VERB = "change rota rules"
MEANWHILE = Problem("Somebody has changed these rules since you opened the page. Look at them again.", rule="meanwhile")
NOT_LAST = Problem("These rules have been changed again since, so this cannot be undone.", rule="changed")
UNDONE = Problem("This was undone already.", rule="undone")
NO_CHOICE = "Choose how much it matters."
HOW_MUCH = ((0, "not at all"), (1, "a little"), (2, "as usual"), (3, "very much"))


@dataclass(frozen=True, slots=True)
class Number:
    """One number of the rules: its words, what it does, and between which it may be. minutes_each: what one of it is stored as."""

    name: str
    label: str
    does: str
    low: float
    high: float
    unit: str = "hours"
    minutes_each: int = 1

    def shown(self, stored: float) -> str:
        return f"{stored / self.minutes_each:g}"

    def read(self, typed: str) -> float | int:
        """What is stored. Raises ValueError."""
        value = float(typed.replace(",", "."))
        if not self.low <= value <= self.high:
            raise ValueError
        stored = value * self.minutes_each
        return int(stored) if stored == int(stored) else stored


NUMBERS = (
    Number("rest_hours", "Rest between two working days", "Nobody starts again sooner than this after they finished. The law asks for 11 hours.", 8, 24),
    Number("weekly_rest_hours", "Rest together in each week", "Everybody has one rest this long in every week. The law asks for 24 hours.", 12, 72),
    Number("most_week_minutes", "Most hours in a week", "Nobody works more, whatever their contract. The law allows 48 hours on average.", 10, 60, minutes_each=60),
    Number("break_after_minutes", "A break is due after", "Who works longer than this without a gap has a break. The law asks for one after 6 hours.", 2, 12, minutes_each=60),
    Number("break_minutes", "Length of that break", "The law asks for 20 minutes.", 5, 120, unit="minutes"),
    Number("travel_margin_minutes", "Added to every way between two places", "Time to park, lock up and arrive.", 0, 60, unit="minutes"),
)  # fmt: skip
EVENING = (
    "evening_from",
    "Evening begins at",
    "Duties that end later count as evenings, which are shared and limited.",
)
WISHES = (
    ("same_facilitators", "The same facilitators through a course", "Families meet the same people every week."),
    ("fairness", "Evenings and weekends shared fairly", "Nobody has many more of them than others on a like contract."),
    ("wishes", "What people wish", "Mornings or afternoons they prefer, and times they would rather not work."),
    ("travel", "Short ways", "People work near where they are based, and do not drive about within a day."),
    ("near_contract", "Hours near the contract", "Nobody is far below or above their agreed hours in a week."),
    (
        "few_changes",
        "Few changes",
        "What people expect already stays as it is, even if another plan were a little better.",
    ),
)
NAMES = (*(each.name for each in NUMBERS), EVENING[0], *(name for name, _, _ in WISHES))


async def in_use(hub_id: UUID | None) -> dict[str, Any]:
    """Every number and wish by name, as a hub (None: the county) goes by them. Two queries."""
    return asdict(await loading.rules_of(hub_id)) | asdict(await loading.weights_of(hub_id))


async def above(hub_id: UUID | None) -> dict[str, Any]:
    """What they are where nothing is changed: the county's for a hub, for the county those that ship."""
    return await in_use(None) if hub_id else asdict(Rules()) | asdict(Weights())


async def version(hub_id: UUID | None) -> str:
    """Which version of the changes somebody has before them; "" where none was ever made."""
    row = await _row(hub_id)
    return row["changed_at"].isoformat() if row else ""


def read(typed: Mapping[str, str]) -> tuple[dict[str, Any], list[Problem]]:
    """The values that were typed, and what is wrong with them. Pure."""
    found: dict[str, Any] = {}
    problems = []
    for each in NUMBERS:
        try:
            found[each.name] = each.read(typed.get(each.name, "").strip())
        except (ValueError, OverflowError):
            words = f"{each.label}: write a number of {each.unit} from {each.low:g} to {each.high:g}."
            problems.append(Problem(words, each.name, rule="number"))
    try:
        found[EVENING[0]] = cells.wall_time(typed.get(EVENING[0], "").strip())
    except cells.Wrong:
        problems.append(Problem(f"{EVENING[1]}: write a time such as 18:00.", EVENING[0], rule="time"))
    for name, _, _ in WISHES:
        if typed.get(name, "") in {str(value) for value, _ in HOW_MUCH}:
            found[name] = int(typed[name])
        else:
            problems.append(Problem(NO_CHOICE, name, rule="missing"))
    return found, problems


async def save(hub_id: UUID | None, typed: Mapping[str, str], *, seen: str, by: Who) -> bool:
    """Keeps them; returns whether anything is other than before. Raises Refused: every problem of what was typed, or meanwhile."""
    wanted, problems = read(typed)
    if problems:
        raise Refused(problems)

    async def body() -> bool:
        base = await above(hub_id)
        await _replace(hub_id, {name: value for name, value in wanted.items() if value != base[name]}, seen, by)
        return True

    if {name: value for name, value in (await in_use(hub_id)).items() if name in wanted} == wanted:
        return False
    return await _alone(body)


async def undo(event_id: UUID, hub_id: UUID | None, *, by: Who) -> None:
    """As they were before that change. Raises Refused where somebody has changed them since."""

    async def body() -> None:
        now = clock.now()
        event = await db.row(
            "UPDATE audit_event SET undone_at = $3 WHERE id = $1 AND verb = $2 AND undone_at IS NULL RETURNING before, after, hub_id",
            event_id, VERB, now,
        )  # fmt: skip
        if event is None or event["hub_id"] != hub_id:
            raise Refused([UNDONE])
        row = await _row(hub_id)
        if row is None or row["values"] != as_json(event["after"]):
            raise Refused([NOT_LAST])
        await _replace(hub_id, as_json(event["before"]), row["changed_at"].isoformat(), by, verb="undo rota rules")

    await _alone(body)


async def changes(hub_id: UUID | None, limit: int = 10) -> list[dict[str, Any]]:
    """The last changes, the newest first: id, happened_at, by_name, undone_at, lines (words) and may_undo. One query."""
    where, parameters = ("hub_id = $2", [hub_id]) if hub_id else ("hub_id IS NULL", [])
    rows = await db.rows(
        "SELECT id, at AS happened_at, by_name, undone_at, before, after, verb FROM audit_event"
        f" WHERE verb IN ($1, 'undo rota rules') AND {where} ORDER BY at DESC, id DESC LIMIT {limit}",
        VERB,
        *parameters,
    )
    base, found = await above(hub_id), []
    for n, row in enumerate(rows):
        before, after = base | as_json(row["before"]), base | as_json(row["after"])
        lines = [line for name in NAMES if (line := _line(name, before[name], after[name]))]
        found.append(row | {"lines": lines, "may_undo": n == 0 and row["verb"] == VERB and not row["undone_at"]})
    return found


def said(name: str, value: Any) -> str:
    """ "11 hours", "18:00", "very much" """
    number = next((each for each in NUMBERS if each.name == name), None)
    if number:
        return f"{number.shown(value)} {number.unit}"
    return value if name == EVENING[0] else dict(HOW_MUCH)[value]


def _line(name: str, before: Any, after: Any) -> str:
    if before == after:
        return ""
    labels = (
        {each.name: each.label for each in NUMBERS} | {EVENING[0]: EVENING[1]} | {n: words for n, words, _ in WISHES}
    )
    return f"{labels[name]}: {said(name, after)}, was {said(name, before)}"


async def _row(hub_id: UUID | None) -> dict[str, Any] | None:
    where, parameters = ("hub_id = $1", [hub_id]) if hub_id else ("hub_id IS NULL", [])
    row = await db.row(f'SELECT id, "values", changed_at FROM rota_rules WHERE {where}', *parameters)
    return row | {"values": as_json(row["values"])} if row else None


async def _replace(hub_id: UUID | None, values: dict[str, Any], seen: str, by: Who, verb: str = VERB) -> None:
    before = await _row(hub_id)
    if (before["changed_at"].isoformat() if before else "") != seen:
        raise Refused([MEANWHILE])
    now: datetime = clock.now()
    if before is None:
        await db.write_new([RotaRules(hub_id=hub_id, values=values, changed_at=now, by_id=by.id)])
    else:
        done = await db.row(
            'UPDATE rota_rules SET "values" = $2, changed_at = $3, by_id = $4 WHERE id = $1 AND changed_at = $5 RETURNING id',
            before["id"], json.dumps(values), now, by.id, before["changed_at"],
        )  # fmt: skip
        if done is None:
            raise Refused([MEANWHILE])
    await audit.record(
        verb, about_kind="location" if hub_id else "rota_rules", about_id=hub_id, by=by, hub_id=hub_id,
        before=before["values"] if before else {}, after=values,
    )  # fmt: skip


async def _alone(body: Any) -> Any:
    """In one transaction; of two first changes at once the second is refused by the guard."""
    try:
        return await db.run_tx(body)
    except IntegrityError as error:
        raise Refused([MEANWHILE]) from error

"""Shifts as they are beside shifts as they should be: what is new, what moves, what goes, and what managers read of it. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from booking import db
from booking.rotas.needs.of_sessions import NAMED_KINDS, usual_time
from booking.rotas.needs.wanted import Row, Wanted, key_of
from booking.rotas.values import BESIDE
from booking.words import short_day, time_range

WEEK = timedelta(days=7)
ON_AGAIN, ELSEWHERE, IT_WAS = "It is on again.", "Moved to another place.", "Moved: it was"


@dataclass(slots=True)
class Step:
    """One shift as it was (None: it is new) and as it will be. words: what a manager reads of it, "" for nothing. name: who the
    session's page says does it, None where no page says; usual: who does on the run's other dates."""

    before: Row | None
    after: Row
    words: str = ""
    name: str | None = None
    usual: str = ""

    @property
    def id(self) -> UUID:
        return self.after["id"]

    @property
    def goes(self) -> bool:
        return self.after["state"] == "cancelled"

    @property
    def comes_back(self) -> bool:
        return self.before is not None and self.before["state"] == "cancelled" and not self.goes

    @property
    def moves(self) -> bool:
        """Whoever is in it hears of it: another time or place."""
        return self.before is not None and any(
            self.before[name] != self.after[name] for name in ("starts_at", "ends_at", "location_id")
        )

    @property
    def moves_in_time(self) -> bool:
        return self.before is not None and any(self.before[n] != self.after[n] for n in ("starts_at", "ends_at"))


def match(
    there: Iterable[Row],
    wanted: Sequence[Wanted],
    *,
    now: datetime,
    why_gone: Callable[[Row], str],
    places: Mapping[UUID, str],
) -> list[Step]:
    """Every shift that is there or wanted as one step; those that change in nothing too."""
    left = {key_of(row): row for row in there}
    was, will = dict(left), {one.key: one for one in wanted}
    steps = []
    for one in wanted:
        before = left.pop(one.key, None)
        if one.kind in BESIDE:
            if (before["starts_at"] if before else one.starts_at) <= now:
                continue  # it has been done
            main = (one.session_id, "facilitator", one.position)
            one = _where_it_was_put(one, before, was.get(main), will[main]) if before else one
        steps.append(_step(before, one, now, places))
    return [*steps, *(_gone(row, why_gone(row)) for row in left.values())]


def _step(before: Row | None, one: Wanted, now: datetime, places: Mapping[UUID, str]) -> Step:
    columns = one.columns()
    if before is None:
        first = {"id": db.new_id(), "created_at": now, "state": "open", "moved_words": "", "moved_at": None}
        return Step(None, first | {"named": "", "named_staff_id": None} | columns, name=_name(one), usual=one.usual)
    after = before | columns | {"state": "open" if before["state"] == "cancelled" else before["state"]}
    step = Step(before, after, name=_name(one), usual=one.usual)
    if step.comes_back:
        step.words = ON_AGAIN if not step.moves else f"{ON_AGAIN} {_was(before, after, places)}"
    elif step.moves:
        step.words = _was(before, after, places)
    return step


def _name(one: Wanted) -> str | None:
    """What its session's page says, if there is a place for it: two columns of the session, or the slots of a clinic."""
    has_place = one.kind == "appointment" or (one.kind in NAMED_KINDS and one.position <= 2)
    return one.name if has_place else None


def _gone(before: Row, why: str) -> Step:
    if before["state"] == "cancelled":
        return Step(before, dict(before))
    return Step(before, before | {"state": "cancelled"}, words=why)


def _was(before: Row, after: Row, places: Mapping[UUID, str]) -> str:
    """ "Moved: it was Tue 12 Jan, 10am to 12pm, at Ferndown Library." """
    parts = []
    if any(before[name] != after[name] for name in ("date", "start_time", "end_time")):
        parts = [short_day(before["date"]), time_range(before["start_time"], before["end_time"])]
    place = places.get(before["location_id"], "")
    if before["location_id"] != after["location_id"] and place and places.get(after["location_id"]):
        parts.append(f"at {place}")
    return f"{IT_WAS} {', '.join(parts)}." if parts else ELSEWHERE


def moved_of_own(words: str) -> str:
    """What of a shift's words concerns whoever is in it: that it is on again, and when it was; no word of a colleague, who
    lost it or is named on its page."""
    again = ON_AGAIN if words.startswith(ON_AGAIN) else ""
    rest = words.removeprefix(again).strip()
    if rest.startswith((ELSEWHERE, f"{IT_WAS} at ")):
        return f"{again} {ELSEWHERE}".strip()
    was = re.match(rf"{IT_WAS} .*?(?=, at |\.)", rest)
    return f"{again} {was[0]}.".strip() if was else again


def _where_it_was_put(one: Wanted, before: Row, was_main: Row | None, main: Wanted) -> Wanted:
    """Work beside a session stays where a planner put it while that is still on its side of the session, within a week."""
    lasts = one.ends_at - one.starts_at
    if before["state"] == "cancelled" or before["ends_at"] - before["starts_at"] != lasts:
        return one
    at = (before["starts_at"], before["ends_at"])
    if was_main and at == usual_time(one.kind, (was_main["starts_at"], was_main["ends_at"]), lasts):
        return one
    is_there = (
        main.starts_at - WEEK < at[1] <= main.starts_at
        if one.kind == "preparation"
        else main.ends_at <= at[0] < main.ends_at + WEEK
    )
    return replace(one.at(*at), on=before["date"]) if is_there else one

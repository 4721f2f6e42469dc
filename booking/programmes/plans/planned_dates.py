"""The dates of a run that is being planned: those the rule gives, with what the planner chose for single ones. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from booking import clock
from booking.places.asking import LEFT_OUT, Wished
from booking.places.recurrence import Rule, plan
from booking.programmes.changes.date_choices import DateChoice
from booking.programmes.plans.plan_form import Asked

CALLS_OF = "week"


@dataclass(frozen=True, slots=True)
class Want:
    """One date. of: its date in the rule; day: where it is to be. kind: group, or call (by telephone, no room). delivery: ""
    as its run, or "online". The ids of the sessions are those of a draft that is there already."""

    of: date
    day: date
    start: str
    end: str
    kind: str = "group"
    number: int = 0
    room_id: UUID | None = None
    creche_room_id: UUID | None = None
    delivery: str = ""
    facilitator_1: str = ""
    facilitator_2: str = ""
    left_out: tuple[str, ...] = ()
    is_added: bool = False
    session_id: UUID | None = None
    creche_session_id: UUID | None = None

    @property
    def is_held(self) -> bool:
        return not self.left_out

    @property
    def starts_at(self) -> datetime:
        return clock.at(self.day, self.start)

    @property
    def ends_at(self) -> datetime:
        return clock.at(self.day, self.end)

    def wished(self, room_id: UUID) -> Wished:
        return Wished(self.of, self.day, room_id, self.starts_at, self.ends_at, self.left_out)


def wants_of_rule(
    asked: Asked, parts: Sequence[Mapping[str, Any]], left_out: Mapping[int, tuple[str, ...]]
) -> tuple[list[Want], bool]:
    """Every date in order, those left out too, with what was chosen for it; and whether the rule reached all its sessions.

    Weeks of `parts` are calls: they come beside the group sessions, so a rule of 4 sessions with 3 calls has 7 dates.
    """
    assert asked.rule is not None
    rule = _with_calls(asked.rule, parts)
    chosen = asked.choices
    planned = plan(
        rule,
        left_out,
        put_back={day for day, choice in chosen.items() if choice.do == "back"},
        added=asked.added if rule.frequency != "dates" else (),
        dropped={day: LEFT_OUT for day, choice in chosen.items() if choice.do == "skip"},
    )
    calls = {int(part[CALLS_OF]): int(part["minutes"]) for part in parts}
    held = [_held(asked, day, n, calls.get(n)) for n, day in planned.sessions()]
    skipped = [_as_run(asked, skip.date, left_out=skip.reasons) for skip in planned.skips]
    wants = [with_choice(want, chosen.get(want.of), asked) for want in (*held, *skipped)]
    return numbered(sorted(wants, key=lambda want: (want.of, want.start))), planned.is_complete


def _with_calls(rule: Rule, parts: Sequence[Mapping[str, Any]]) -> Rule:
    return replace(rule, held_sessions=rule.held_sessions + len(parts)) if rule.held_sessions and parts else rule


def _as_run(asked: Asked, day: date, **values: Any) -> Want:
    return Want(
        of=day, day=day, start=asked.start, end=asked.end, room_id=asked.room_id, creche_room_id=asked.creche_room_id,
        facilitator_1=asked.facilitator_1, facilitator_2=asked.facilitator_2, is_added=day in asked.added, **values,
    )  # fmt: skip


def _held(asked: Asked, day: date, n: int, call_minutes: int | None) -> Want:
    want = _as_run(asked, day)
    return want if call_minutes is None else as_call(want, call_minutes)


def as_call(want: Want, minutes: int) -> Want:
    """A talk by telephone at the usual time: no room, no creche."""
    end = min(60 * int(want.start[:2]) + int(want.start[3:]) + minutes, 24 * 60 - 1)
    return replace(want, kind="call", room_id=None, creche_room_id=None, end=f"{end // 60:02}:{end % 60:02}")


def with_choice(want: Want, choice: DateChoice | None, asked: Asked) -> Want:
    """The date as the planner wants it."""
    if choice is None:
        return want
    use = choice.use
    if use:
        day, start, end = use.day or want.day, use.start or want.start, use.end or want.end
        want = replace(want, day=day, start=start, end=end, room_id=use.room_id or want.room_id, delivery="")
    if choice.is_online and want.kind == "group":
        want = replace(want, room_id=None, delivery="" if asked.delivery == "online" else "online")
    if choice.has_no_creche:
        want = replace(want, creche_room_id=None)
    elif choice.creche_room_id and want.kind == "group":
        want = replace(want, creche_room_id=choice.creche_room_id)
    if choice.do == "skip" and not want.left_out:
        want = replace(want, left_out=(LEFT_OUT,))
    elif choice.do == "back":
        want = replace(want, left_out=())
    return replace(
        want,
        facilitator_1=choice.facilitator_1 or want.facilitator_1,
        facilitator_2=choice.facilitator_2 or want.facilitator_2,
    )


def numbered(wants: Sequence[Want]) -> list[Want]:
    """The same with numbers by the days on which they are: group sessions from 1, calls after them all."""
    held = sorted((want for want in wants if want.is_held), key=lambda want: (want.kind == "call", want.starts_at))
    numbers = {id(want): n for n, want in enumerate(held, start=1)}
    return [replace(want, number=numbers.get(id(want), 0)) for want in wants]

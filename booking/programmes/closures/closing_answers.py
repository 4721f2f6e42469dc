"""What becomes of each use of a room when its place is closed: the answers that can be given, and a sensible one to begin with.

Pure. An answer is given for one use (its room booking's id) or for its whole group; that of the use itself counts first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from booking.problems import Problem
from booking.programmes.closures.closing_lists import ALWAYS_KEPT, GROUPS, Group, InTheWay

Kind = Literal["cancel", "move", "online", "keep"]
KINDS: dict[Group, tuple[Kind, ...]] = {
    "sessions": ("cancel", "move", "online", "keep"),
    "partners": ("move", "cancel", "keep"),
    "requests": ("cancel", "keep"),
    "hub": ("cancel", "keep"),
    "swaps": ("keep",),
}
"""For a partner, "move" is another room that is kept for it, to be taken with one click."""
NEAR_MILES = 5.0
"""So near, families can be asked to go to the other place, unless it is the weather that closes this one."""
NO_ANSWER = "Say what becomes of this: {what}."
NO_ROOM = Problem("Choose the room to which it moves, or another answer.", "room", rule="room")
NOT_YOURS = Problem("A private session of another hub can only be cancelled or kept.", "answer", rule="private")


@dataclass(frozen=True, slots=True)
class Answer:
    """room_id: where it moves, or the room that is kept for a partner; creche_room_id: where its creche moves."""

    kind: Kind
    room_id: UUID | None = None
    creche_room_id: UUID | None = None


CANCEL, KEEP = Answer("cancel"), Answer("keep")
Answers = Mapping[UUID | str, Answer]


@dataclass(frozen=True, slots=True)
class Option:
    """A room that is free at the same time; miles from the one that is closed. creche_room_id: one for its creche in the
    same building, None where it needs none or none is free. is_given: it is proposed to something else at that time."""

    room_id: UUID
    words: str
    capacity: int
    miles: float | None
    creche_room_id: UUID | None = None
    creche_words: str = ""
    is_given: bool = False

    @property
    def is_near(self) -> bool:
        return self.miles is not None and self.miles <= NEAR_MILES


def answer_of(each: InTheWay, answers: Answers) -> Answer | None:
    """The answer for this use, or for its group; what is always kept needs none."""
    return KEEP if each.group in ALWAYS_KEPT else answers.get(each.id) or answers.get(each.group)


def may_be(each: InTheWay) -> tuple[Kind, ...]:
    """The answers there are for it; what is not for whoever closes to know is cancelled or kept."""
    if each.group == "sessions" and not each.href:
        return ("cancel", "keep")
    return KINDS[each.group]


def sensible(each: InTheWay, options: Sequence[Option], *, is_weather: bool) -> Answer:
    """What the preview begins with.

    Sessions: what is online already goes on; in bad weather online where there is a link, else cancelled; otherwise a free
    room that is near, then online, then cancelled. A partner is offered the nearest free room. The rest is cancelled.
    """
    kinds, best = may_be(each), next((option for option in options if not option.is_given), None)
    if each.group == "partners":
        return Answer("move", best.room_id) if best else CANCEL
    if each.group != "sessions" or "move" not in kinds:
        return CANCEL if "cancel" in kinds else KEEP
    if each.is_online:
        return KEEP
    if best and best.is_near and not is_weather:
        return Answer("move", best.room_id, best.creche_room_id)
    return Answer("online") if each.has_link else CANCEL


def problems_of(found: Sequence[InTheWay], answers: Answers) -> list[Problem]:
    """What is wrong with the answers: one is missing, makes no sense, or lacks a room."""
    problems: dict[str, Problem] = {}
    for each in found:
        answer = answer_of(each, answers)
        if answer is None:
            words = NO_ANSWER.format(what=GROUPS[each.group])
            problems.setdefault(words, Problem(words, f"answer-{each.id}", rule="missing"))
        elif answer.kind not in may_be(each):
            problems.setdefault(NOT_YOURS.words, NOT_YOURS)
        elif answer.kind == "move" and answer.room_id is None:
            problems.setdefault(NO_ROOM.words, Problem(NO_ROOM.words, f"answer-{each.id}", rule=NO_ROOM.rule))
    return list(problems.values())

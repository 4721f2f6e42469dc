"""The form with which staff book a room: that of partners, for a partner or the hub's own use, private or beyond the rules. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from booking.places import reserve_form
from booking.places.asking import Ask
from booking.places.chosen_ways import as_uuid
from booking.places.reserve_form import NO_NUMBER, Known, Typed
from booking.places.working_out import NO_PARTNER
from booking.problems import Problem

PRIVATE_ELSEWHERE = Problem("Only staff who work at that hub can keep a booking private.", "is_private", rule="private")
LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class StaffTyped:
    """What was typed: `form` as a partner would, `organisation` empty for the hub's own use."""

    form: Typed
    organisation: str = ""
    is_private: bool = False
    override: str = ""

    @property
    def organisation_id(self) -> UUID | None:
        return as_uuid(self.organisation)


def read(given: Mapping[str, Any], *, is_sent: bool) -> StaffTyped:
    """From an address or a form that was sent; an address that names a day means that one day."""
    if not is_sent and "repeat" not in given:
        given = {**given, "repeat": "once"}
    return StaffTyped(
        form=reserve_form.read(given, is_sent=is_sent),
        organisation=str(given.get("organisation", ""))[:40],
        is_private=bool(given.get("is_private")),
        override=" ".join(str(given.get("override", "")).split())[:LONGEST_REASON],
    )


def understand(typed: StaffTyped, known: Known, *, may_be_private: bool) -> tuple[Ask | None, list[Problem]]:
    """What is asked for, and the Problems beside the fields. Staff need no notice and may leave the number of people out."""
    if known.room:
        known = replace(known, room=replace(known.room, notice_hours=0))
    ask, problems = reserve_form.understand(typed.form, known)
    if not typed.form.people:
        problems = [problem for problem in problems if problem != NO_NUMBER]
    if typed.organisation and not typed.organisation_id:
        problems.append(NO_PARTNER)
    if typed.is_private and not may_be_private:
        problems.append(PRIVATE_ELSEWHERE)
    if ask is None:
        return None, problems
    return replace(
        ask,
        as_partner=False,
        organisation_id=typed.organisation_id,
        is_private=typed.is_private,
        override=typed.override,
    ), problems

"""What a planner decides for single dates of a run: left out, put back, another room, time or day, online, who leads. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from booking.places.asking import Choice
from booking.places.chosen_ways import as_date, as_uuid, read_choice

PARTS = ("do", "room", "creche", "f1", "f2")
ONLINE, NONE, USUAL = "online", "none", "usual"
MOST = 200


@dataclass(frozen=True, slots=True)
class DateChoice:
    """What is chosen for one date; what is as in the rest is None or False. do: "skip" leaves it out, "back" holds it in
    spite of its reason. creche: another creche room. A facilitator of "" is as in the rest."""

    do: Literal["", "skip", "back"] = ""
    use: Choice | None = None
    is_online: bool = False
    creche_room_id: UUID | None = None
    has_no_creche: bool = False
    facilitator_1: str = ""
    facilitator_2: str = ""

    @classmethod
    def of(cls, values: Mapping[str, str]) -> "DateChoice | None":
        """From the fields of one date; None where nothing is chosen, or nothing that can be understood."""
        do, room, creche = values.get("do", ""), values.get("room", ""), values.get("creche", "")
        use = read_choice(room)
        found = cls(
            do="skip" if do == "skip" or (use and use.kind == "skip") else "back" if do == "back" else "",
            use=use if use and use.kind == "use" else None,
            is_online=room == ONLINE,
            creche_room_id=as_uuid(creche),
            has_no_creche=creche == NONE,
            facilitator_1=values.get("f1", ""),
            facilitator_2=values.get("f2", ""),
        )
        return None if found == cls() else found


def read_choices(given: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """By ISO date the fields "room-2027-01-12" and so on that say something."""
    found: dict[str, dict[str, str]] = {}
    for name in given:
        part, _, iso = name.partition("-")
        value = given[name]
        if part in PARTS and isinstance(value, str) and value.strip() and as_date(iso) and len(found) < MOST:
            found.setdefault(iso, {})[part] = " ".join(value.split())[:120]
    return found

"""The form about one room: size, features, times around a use, who may book it and how. Text to values, and back. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from booking import cells
from booking.places.access import ROOM_FEATURES
from booking.places.place_form import as_text
from booking.places.typed import Field, dates_in_order, minutes_of_hours, pence, pounds, read_typed, ticked
from booking.problems import Problem

ROOM_KINDS = {
    "hall": "Hall",
    "group": "Group room",
    "meeting": "Meeting room",
    "consulting": "Consulting room",
    "creche": "Crèche",
    "sensory": "Sensory room",
    "kitchen": "Kitchen",
    "open_area": "Open area",
    "virtual": "Online room",
}
LAYOUTS = {
    "theatre": "Theatre, in rows",
    "classroom": "Classroom, at tables",
    "boardroom": "Boardroom, one table",
    "cabaret": "Cabaret, round tables",
    "floor": "On the floor, play mats",
}
APPROVALS = {
    "never": "Never: it is theirs at once",
    "out_of_hours": "Only outside the opening hours",
    "always": "Always: staff decide",
}
OVERRIDERS = {"staff": "All staff of the hub", "manager": "Managers only"}
FEATURES_LONGEST = 300
RULES = (
    Field("name", cells.text(120), must="Say what the room is called."),
    Field("kind", cells.code(30), must="Choose what kind of room it is."),
    Field("capacity", cells.whole(1, 5000), must="Say how many people may be in the room."),
    *(Field(f"layout-{name}", cells.whole(1, 5000)) for name in LAYOUTS),
    Field("more_features", cells.words(FEATURES_LONGEST), ()),
    Field("setup_minutes", cells.whole(0, 240), 0),
    Field("clear_minutes", cells.whole(0, 240), 0),
    Field("approval", cells.choice(*APPROVALS), "out_of_hours"),
    Field("notice_hours", cells.whole(0, 2000), 0),
    Field("longest_hours", minutes_of_hours, 0),
    Field("furthest_days", cells.whole(0, 1100), 0),
    Field("override_by", cells.choice(*OVERRIDERS), "staff"),
    Field("rate", pence, 0),
    Field("notes", cells.text(2000), ""),
    Field("valid_from_date", cells.day),
    Field("valid_to_date", cells.day),
)
AS_STORED = {"longest_hours": "longest_minutes", "rate": "rate_pence"}


def read_rules(typed: Mapping[str, str], features: Iterable[str]) -> tuple[dict[str, Any], list[Problem]]:
    """Columns of a room from what was typed and the features that were ticked, and what is wrong with it."""
    values, problems = read_typed(RULES, typed)
    problems += dates_in_order(values, "valid_from_date", "valid_to_date")
    layouts = {name: values[f"layout-{name}"] for name in LAYOUTS if values.get(f"layout-{name}")}
    most = values.get("capacity")
    problems += [
        Problem(f"The room takes {most} people at most.", f"layout-{name}", rule="capacity")
        for name, people in layouts.items()
        if most and people > most
    ]
    known = [name for name in ROOM_FEATURES if name in set(features)]
    own = [name for name in values.get("more_features", ()) if name not in known]
    if len("; ".join([*known, *own])) > FEATURES_LONGEST:
        words = f"All features together are longer than {FEATURES_LONGEST} letters. Leave some out."
        problems.append(Problem(words, "more_features", rule="too long"))
    columns = {
        AS_STORED.get(field.name, field.name): values.get(field.name)
        for field in RULES
        if not field.name.startswith("layout-") and field.name != "more_features"
    }
    is_for_partners = ticked(typed.get("is_partner_bookable", ""))
    return columns | {
        "layouts": layouts,
        "features": "; ".join([*known, *dict.fromkeys(own)]),
        "is_partner_bookable": is_for_partners,
    }, problems


def typed_rules(room: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a room as they stand in the form; `ticked` are the known features it has."""
    has = [part.strip() for part in room["features"].split(";") if part.strip()]
    layouts = room["layouts"] or {}
    typed = {field.name: as_text(room.get(field.name)) for field in RULES}
    typed |= {f"layout-{name}": as_text(layouts.get(name)) for name in LAYOUTS}
    return typed | {
        "more_features": "; ".join(name for name in has if name not in ROOM_FEATURES),
        "ticked": [name for name in has if name in ROOM_FEATURES],
        "longest_hours": f"{room['longest_minutes'] / 60:g}" if room["longest_minutes"] else "",
        "furthest_days": as_text(room["furthest_days"] or None),
        "rate": pounds(room["rate_pence"]),
        "is_partner_bookable": "yes" if room["is_partner_bookable"] else "",
    }


NEW_ROOM: dict[str, Any] = {
    "name": "", "kind": "", "capacity": None, "layouts": {}, "features": "", "setup_minutes": 0, "clear_minutes": 0,
    "is_partner_bookable": False, "approval": "out_of_hours", "notice_hours": 24, "longest_minutes": 0, "furthest_days": 0,
    "override_by": "staff", "rate_pence": 0, "notes": "", "valid_from_date": None, "valid_to_date": None,
}  # fmt: skip

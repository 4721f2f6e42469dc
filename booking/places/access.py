"""What a building offers those who need it, from the features of its rooms. Pure."""

from collections.abc import Iterable

FEATURES = {
    "step-free": "Step-free",
    "hearing loop": "Hearing loop",
    "baby changing": "Baby changing",
    "low toilet": "Low toilet for children",
    "feeding chair": "Feeding chair",
    "hand basin": "Hand basin",
}
"""The features worth naming to families, in this order; a screen or a hob concerns only who plans a session."""

ROOM_FEATURES = FEATURES | {
    "private": "Private: nobody overhears",
    "not private": "Not private: others pass through",
    "projector": "Projector",
    "screen": "Screen",
    "hybrid camera": "Camera for hybrid meetings",
    "scales": "Baby scales",
    "floor mats": "Floor mats",
    "secure door": "Secure door",
    "hob": "Hob",
    "oven": "Oven",
}
"""The features a room is ticked for and can be found by; a room may have others, typed freely."""


def access_lines(rooms: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    """[{"name": "Step-free", "value": "Main hall, Group room"}] from (room's name, "step-free; hearing loop") pairs."""
    had = {name: [part.strip() for part in features.split(";")] for name, features in rooms}
    lines = []
    for feature, words in FEATURES.items():
        with_it = [name for name, features in had.items() if feature in features]
        if with_it:
            everywhere = len(with_it) == len(had) and len(had) > 1
            lines.append({"name": words, "value": "All rooms" if everywhere else ", ".join(with_it)})
    return lines


def says_step_free(lines: Iterable[dict[str, str]]) -> bool:
    return any(line["name"] == FEATURES["step-free"] for line in lines)

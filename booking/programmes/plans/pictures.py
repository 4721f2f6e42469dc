"""Which of our pictures stands beside a programme: the one staff chose, or else one that its words suggest. Pure."""

from functools import lru_cache

WORDS = (
    ("bump", ("antenatal", "pregnan", "bumps", "midwi", "birth and baby")),
    ("clinic", ("clinic", "weigh", "infant feeding", "health visitor", "baby massage", "registration")),
    ("baby", ("baby", "babies", "solid foods", "postnatal")),
    ("music", ("music", "rhyme", "sing")),
    ("messy", ("messy", "art", "paint", "craft")),
    ("cook", ("cook", "food", "eat")),
    ("teen", ("teen", "young people", "youth")),
    ("talk", ("chatter", "speech", "conflict", "advice", "housing", "jobcentre", "talk", "wellbeing")),
    ("learning", ("learning", "english", "maths", "first aid", "workshop", "training")),
    ("book", ("story", "stories", "library", "book")),
    ("outdoors", ("outdoor", "garden", "walk", "forest")),
    ("play", ("play", "toddler group", "creche", "crèche", "dads")),
    ("circle", ("incredible years", "triple p", "parent", "group", "course", "coffee", "carers", "families")),
)


@lru_cache(maxsize=1024)
def picture_of(chosen: str, title: str) -> str:
    """The name of a picture for `show_picture`."""
    words = f" {title.lower()}"
    return chosen or next((name for name, some in WORDS if any(f" {word}" in words for word in some)), "hub")

"""What there is to choose from on the front page: places, hubs and topics, and the filter form's lists, written out once."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape
from starlette.requests import Request

from booking import db
from booking.places import near
from booking.places.near import Near
from booking.programmes import filters as asked
from booking.words import DAYS


@dataclass(frozen=True)
class Choices:
    """`names` are of hubs and topics by their value in the URL; `lists` are the options of the form by field."""

    places: list[Near]
    hubs: list[Near]
    topics: list[dict[str, Any]]
    names: dict[str, str]
    lists: dict[str, Markup]

    def topic_ids(self, code: str) -> list[Any] | None:
        """The topic's id with those of its children, or None for all topics."""
        found = [topic["id"] for topic in self.topics if code in (topic["code"], topic["parent_code"])] if code else []
        return found or None


async def choices(request: Request) -> Choices:
    """Two queries, remembered for half a minute."""
    return await request.app.state.choices.get_or_make("choices", lambda: _read(request))


async def _read(request: Request) -> Choices:
    places = await near.public_locations()
    topics = await db.rows(
        "SELECT id, code, name, parent_code FROM topic WHERE parent_code = '' OR EXISTS (SELECT 1 FROM programme p"
        " JOIN run r ON r.programme_id = p.id WHERE p.topic_id = topic.id AND r.is_listed) ORDER BY name"
    )
    used = {topic["parent_code"] for topic in topics if topic["parent_code"]}
    topics = [topic for topic in topics if topic["parent_code"] or topic["code"] in used]
    hubs = [place for place in places if place.id == place.hub_id]
    names = {hub.slug: hub.name for hub in hubs} | {topic["code"]: topic["name"] for topic in topics}
    return Choices(places, hubs, topics, names, _lists(request, hubs, topics))


def _lists(request: Request, hubs: list[Near], topics: list[dict[str, Any]]) -> dict[str, Markup]:
    """The lists of the form with nothing chosen: some hundred lines that are the same for everybody."""
    written: Any = request.app.state.templates.get_template("programmes/_filter_lists.html").module
    return {
        "age": written.options([(value, pair[0]) for value, pair in asked.AGES.items()], "Any age"),
        "within": written.options(asked.WITHIN.items()),
        "sort": written.options(asked.SORTS.items()),
        "when": written.options(asked.WHEN.items()),
        "day": written.ticks("day", [(str(number), name) for number, name in enumerate(DAYS)]),
        "time": written.ticks("time", [(value, span[0]) for value, span in asked.TIMES.items()]),
        "booked": written.options(asked.BOOKED.items(), "Any"),
        "how": written.options(asked.HOW.items(), "Either"),
        "topic": written.topics(topics),
        "hub": written.options([(hub.slug, hub.name) for hub in hubs], "Any hub"),
    }


def marked(written: Markup, values: Iterable[str], mark: str) -> Markup:
    """A written list with these values marked: "selected" or "checked"."""
    text = str(written)
    for value in values:
        attribute = f'value="{escape(value)}"'
        text = text.replace(attribute, f"{attribute} {mark}", 1)
    return Markup(text)

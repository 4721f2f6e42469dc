"""What one message is made from: facts with every typed word tidy, the language, the channel, and how long typed words may be."""

from dataclasses import dataclass, fields, replace
from typing import Any

from booking.messages import wording_dates, wording_files, wording_format
from booking.messages.said import RoomSaid, Said
from booking.messages.typed import tidy


class MissingFact(LookupError):
    """A text uses a field whose fact was not given."""


@dataclass(frozen=True, slots=True)
class Longest:
    """How many characters of typed words an SMS may have: less and less, until it fits."""

    title: int = 300
    place: int = 300
    reason: int = 300


@dataclass(frozen=True, slots=True)
class Told:
    facts: dict[str, Any]
    language: str = "en"
    channel: str = "email"
    longest: Longest = Longest()
    is_discreet: bool = False

    @property
    def is_short(self) -> bool:
        return self.channel == "sms"

    @property
    def said(self) -> Said:
        return self.fact("said")

    @property
    def room(self) -> RoomSaid:
        return self.fact("room")

    @property
    def dates(self) -> list[Said]:
        return self.facts.get("dates") or [self.said]

    @property
    def was(self) -> list[Said]:
        return self.facts.get("was") or self.dates

    def fact(self, name: str) -> Any:
        """Raises MissingFact when it was not given, or is None."""
        if self.facts.get(name) is None:
            raise MissingFact(f"the wording needs the fact {name!r}")
        return self.facts[name]

    def start(self, instant: Any) -> str:
        """ "Tue 12 Jan 10am" in the language."""
        return wording_dates.start(instant, self.language)

    def span(self, each: Any) -> str:
        """ "Tuesday 12 January 2027, 10am to midday" in the language."""
        day = wording_dates.day(each.starts_at, self.language)
        times = [wording_dates.time(at, self.language) for at in (each.starts_at, each.ends_at)]
        return self.phrase("span", day=day, **{"from": times[0], "to": times[1]})

    def phrase(self, name: str, **values: str) -> str:
        """A small word of the language; in English where it has none."""
        own, english = wording_files.shipped(self.language).phrases, wording_files.shipped("en").phrases
        return wording_format.render(own.get(name) or english[name], values.__getitem__)


def tidied(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts with every text in them on one line, also inside a Said and the like; `words` keep their line ends."""
    return {name: value if name == "words" else _tidy(value) for name, value in facts.items()}


def _tidy(value: Any) -> Any:
    if isinstance(value, str):
        return tidy(value)
    if isinstance(value, list | tuple):
        return type(value)(_tidy(each) for each in value) if type(value) in (list, tuple) else value
    if hasattr(value, "__dataclass_fields__"):
        texts = {f.name: _tidy(getattr(value, f.name)) for f in fields(value)}
        return replace(value, **{name: text for name, text in texts.items() if text != getattr(value, name)})
    return value

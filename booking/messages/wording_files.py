"""The shipped texts: templates/messages/<language>/*.toml, read once.

A table is a kind, or a kind with a variant ("cancellation.one_date"); its keys are sms, subject, mail, gist and call.
discreet.toml has the texts of what must not be named. Tables called "phrases" are small words that fields need.
"""

import tomllib
from dataclasses import dataclass, field
from functools import cache

from booking.settings import ROOT

FOLDER = ROOT / "templates" / "messages"
KEYS = ("sms", "subject", "mail", "gist", "call")
DISCREET = "discreet"


@dataclass(frozen=True, slots=True)
class Shipped:
    """The texts of one language, by name of kind and variant, then by key."""

    open: dict[str, dict[str, str]] = field(default_factory=dict)
    discreet: dict[str, dict[str, str]] = field(default_factory=dict)
    phrases: dict[str, str] = field(default_factory=dict)

    def texts(self, is_discreet: bool) -> dict[str, dict[str, str]]:
        return self.discreet if is_discreet else self.open


@cache
def shipped(language: str) -> Shipped:
    """The language's texts; none where it has no folder. Raises tomllib.TOMLDecodeError, ValueError for a name used twice."""
    found = Shipped()
    for path in sorted((FOLDER / language).glob("*.toml")):
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        found.phrases.update(tables.pop("phrases", {}))
        texts = found.texts(path.stem == DISCREET)
        if twice := texts.keys() & tables.keys():
            raise ValueError(f"{path}: {', '.join(sorted(twice))} stands in another file of this language too")
        texts.update(tables)
    return found


@cache
def languages() -> tuple[str, ...]:
    """The codes of the languages that ship, English first."""
    others = sorted(path.name for path in FOLDER.iterdir() if path.is_dir() and path.name != "en")
    return ("en", *others)

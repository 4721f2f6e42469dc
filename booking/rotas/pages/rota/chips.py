"""One duty as HTML. Written here and not in a template, because four weeks of a county have three thousand of them."""

from collections.abc import Collection
from functools import lru_cache
from html import escape
from uuid import UUID

from booking.rotas.pages.rota.reading import Rota
from booking.rotas.seeing import is_hidden
from booking.rotas.values import Broken, Duty, Kind
from booking.rotas.words_for_staff import KINDS, RULES
from booking.words import time_range

SHORT = {**KINDS, "creche": "Creche", "facilitator": "Leads", "appointment": "Appts", "extra": "Extra"}
PRIVATE = "private"


@lru_cache(maxsize=4096)
def compact(start: str, end: str) -> str:
    """ "9–1", "9:30–5": for columns of a centimetre."""
    return f"{_short(start)}–{_short(end)}"


def _short(wall_time: str) -> str:
    hour, minute = int(wall_time[:2]), wall_time[3:5]
    return f"{(hour - 1) % 12 + 1}{'' if minute == '00' else ':' + minute}"


@lru_cache(maxsize=1024)
def place_words(name: str) -> str:
    """A place's name without what all of them have."""
    short = name.removesuffix(" Family Hub").removesuffix(" family hub")
    return short or name


@lru_cache(maxsize=1024)
def initials(name: str) -> str:
    """ "Fer" of Ferndown, "FH1" of Family Hub 1: a place in three letters."""
    words = place_words(name).replace("-", " ").split()
    if len(words) == 1:
        return words[0][:3]
    return "".join(word if word.isdigit() else word[0] for word in words)[:4]


def needs(duty: Duty, count: int = 1) -> str:
    """ "needs 1: keyholder" """
    return f"needs {count}" + (f": {', '.join(sorted(duty.skills))}" if duty.skills else "")


class Chips:
    """The chips of one rota. planned_hub_ids: where whoever looks may move them; hub_ids are theirs: shifts elsewhere are no links.
    None is all hubs."""

    def __init__(
        self, rota: Rota, *, planned_hub_ids: Collection[UUID] | None, is_small: bool, hub_ids: Collection[UUID] | None = None
    ) -> None:  # fmt: skip
        self.hub_ids, self.planned_hub_ids = hub_ids, planned_hub_ids
        self.rota, self.is_small = rota, is_small
        self.now = rota.now
        self.has_one_place = len({each.place.id for each in rota.shown}) == 1

    def of(self, duty: Duty, *, says: str, count: int = 1) -> str:
        """<li>; says is what the row does not say already: place or person, or both. count: so many open ones are alike."""
        if is_hidden(duty):
            return self._private(duty, says)
        given = self.rota.worker_of(duty)
        name = self.rota.name_of(given)
        is_past = duty.starts_at <= self.now
        classes = f"duty is-{duty.kind}{' duty--gap' if given is None else ''}{' duty--past' if duty.ends_at <= self.now else ''}"
        own = self.rota.broken.get(duty.id)
        if own:
            classes += " duty--broken" if any(one.level != "soft" for one in own) else " duty--warns"
        may_plan = self.planned_hub_ids is None or duty.place.hub_id in self.planned_hub_ids
        moves = ' data-moves="yes"' if may_plan and not is_past else ""
        said = (
            _small(duty, says, name, given is None, count)
            if self.is_small
            else self._large(duty, says, name, given, count)
        )
        marks = self._marks(duty, given, own)
        if self.hub_ids is not None and duty.place.hub_id not in self.hub_ids:
            return f'<li><span class="{classes}">{said}{marks}</span></li>'
        return f'<li><a class="{classes}" href="/staff/rota/shifts/{duty.id}"{moves}>{said}{marks}</a></li>'

    def _private(self, duty: Duty, says: str) -> str:
        times = compact(duty.start, duty.end) if self.is_small else time_range(duty.start, duty.end)
        name = f" {escape(self.rota.name_of(self.rota.worker_of(duty)))}" if says != "place" else ""
        return f'<li><span class="duty is-private"><b>{times}</b>{name} <span class="duty__what">Private booking</span></span></li>'

    def _large(self, duty: Duty, says: str, name: str, given: object, count: int) -> str:
        name = escape(name if given is not None else needs(duty, count))
        time = f'<span class="duty__time">{time_range(duty.start, duty.end)}</span>'
        who = f'<span class="duty__who">{name}</span>' if says != "place" or given is None else ""
        is_named = bool(duty.session_id and duty.title)
        what = f'<span class="duty__title">{escape(duty.title)}</span>' if is_named else ""
        where = [] if says == "person" or (self.has_one_place and says == "place") else [place_words(duty.place.name)]
        where += [duty.title] if duty.title and not is_named else []
        line = f'<span class="duty__what">{escape(", ".join(where))}</span>' if where else ""
        return f'{time} {who} {what} {line} <span class="kind is-{duty.kind}">{KINDS[duty.kind]}</span>'

    def _marks(self, duty: Duty, given: UUID | None, own: list[Broken] | None) -> str:
        """What is wrong and what is not as published, in words; in the small grid a sign with the words for readers."""
        fact = self.rota.facts.get(duty.id)
        words = [(_level(one), RULES.get(one.rule, one.rule)) for one in own or ()]
        if fact:
            words += self._of_fact(duty, given, fact)
        if not words:
            return ""
        return (_sign if self.is_small else _signs)(tuple(dict.fromkeys(words)))

    def _of_fact(self, duty: Duty, given: UUID | None, fact: dict) -> list[tuple[str, str]]:
        found = []
        published = fact["published_staff_id"]
        if fact["overridden"]:
            found.append(("plain", "Rule set aside"))
        if fact["is_pinned"]:
            found.append(("plain", "Pinned"))
        if published and published != given:
            found.append(("changed", f"Published: {self.rota.name_of(published)}"))
        elif given and not published:
            found.append(("new", "Not published"))
        elif fact["answer"] == "declined":
            found.append(("broken", "Declined"))
        if fact["moved_words"]:
            found.append(("changed", "Moved"))
        if duty.starts_at <= self.now < duty.ends_at:
            found.append(("now", "Now"))
        return found


_WORST = ("broken", "warns", "changed", "now", "plain", "new")
_SIGNS = {"broken": "!", "warns": "?", "changed": "±", "now": "•", "plain": "=", "new": "*"}


@lru_cache(maxsize=1024)
def _sign(words: tuple[tuple[str, str], ...]) -> str:
    worst = min((level for level, _ in words), key=_WORST.index)
    return f'<em class="mark mark--{worst}">{_SIGNS[worst]}<i>{escape(", ".join(said for _, said in words))}</i></em>'


def _signs(words: tuple[tuple[str, str], ...]) -> str:
    return "".join(f' <em class="mark mark--{level}">{escape(said)}</em>' for level, said in words)


def _level(one: Broken) -> str:
    return "warns" if one.level == "soft" else "broken"


def _first(name: str) -> str:
    """ "Sam" of Sam Green, "W17" of Worker 017."""
    first, _, rest = name.partition(" ")
    return f"{first[0]}{rest.lstrip('0')}" if rest.isdigit() else first[:6]


def _small(duty: Duty, says: str, name: str, is_open: bool, count: int) -> str:
    """What stands in a column of a centimetre, and the whole for readers."""
    lacks = needs(duty, count) if is_open else ""
    if says == "place":
        return _small_place(duty.place.name, duty.start, duty.end, duty.kind, lacks, count)
    return _small_person("open" if is_open else name, duty.start, duty.end, duty.kind, lacks, count)


@lru_cache(maxsize=8192)
def _small_place(place: str, start: str, end: str, kind: Kind, lacks: str, count: int) -> str:
    return _in_a_centimetre(initials(place), place, start, end, kind, lacks, count)


@lru_cache(maxsize=8192)
def _small_person(name: str, start: str, end: str, kind: Kind, lacks: str, count: int) -> str:
    return _in_a_centimetre(_first(name), name, start, end, kind, lacks, count)


def _in_a_centimetre(shown: str, name: str, start: str, end: str, kind: Kind, lacks: str, count: int) -> str:
    said = f"{name}, {time_range(start, end)}, {KINDS[kind]}" + (f", {lacks}" if lacks else "")
    much = f" ×{count}" if count > 1 else ""
    return f"<b>{escape(shown)}{much}</b> {compact(start, end)}<i>, {escape(said)}</i>"

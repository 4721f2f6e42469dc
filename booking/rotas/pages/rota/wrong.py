"""What is wrong on a rota, in lines that can be read: the same rule and person once, broken rules first, each day a link."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from booking.people.signing_in import Who
from booking.rotas.pages.rota.reading import Rota
from booking.rotas.seeing import is_hidden
from booking.rotas.values import Broken, Duty
from booking.rotas.words_for_staff import RULES
from booking.words import count_words, short_day

ORDER = {rule: n for n, rule in enumerate(RULES)}
MOST_SENTENCES = 4
"""So many broken rules of one kind and person are said in whole sentences; of more, and of warnings, the days."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """One line: words, then links as (words, address, or nothing where they may not open it)."""

    is_broken: bool
    words: str
    links: tuple[tuple[str, str], ...]


def lines(rota: Rota, who: Who) -> list[Wrong]:
    """Everything wrong on this rota, what matters most first."""
    found: dict[tuple[bool, int, str], list[tuple[UUID, Broken]]] = defaultdict(list)
    for duty_id, some in rota.broken.items():
        for one in some:
            found[one.level == "soft", ORDER.get(one.rule, len(ORDER)), rota.name_of(one.staff_id)].append(
                (duty_id, one)
            )
    inside = {each.id: each for each in rota.plan.duties if rota.plan.first <= each.date <= rota.plan.last}
    return [_line(name, some, inside, who) for (_, _, name), some in sorted(found.items(), key=lambda it: it[0])]


def _line(name: str, some: list[tuple[UUID, Broken]], inside: dict[UUID, Duty], who: Who) -> Wrong:
    some = sorted(some, key=lambda it: inside[it[0]].starts_at)
    one = some[0][1]
    is_broken = one.level != "soft"
    rule = RULES.get(one.rule, one.rule)
    said = {each.words: _href([inside[id]], who) for id, each in some}
    days = _days(some, inside, who)
    if len(said) == 1 and len(days) == 1:
        return Wrong(is_broken, "", ((one.words, days[0][1]),))
    if is_broken and len(said) <= MOST_SENTENCES:
        return Wrong(is_broken, f"{name}: {_lower(rule)}", tuple(said.items()))
    return Wrong(is_broken, f"{name}: {_lower(rule)} on {count_words(len(days), 'day')}", days)


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]


def _days(some: Iterable[tuple[UUID, Broken]], inside: dict[UUID, Duty], who: Who) -> tuple[tuple[str, str], ...]:
    """The days that it is about, each with a shift of it that they may open."""
    about = [
        inside[each]
        for id, one in some
        for each in (one.duties if one.rule == "break" else (id,))
        if each in inside and not is_hidden(inside[each])
    ]
    own: dict[str, list[Duty]] = defaultdict(list)
    for each in sorted(about, key=lambda it: it.starts_at):
        own[short_day(each.date)].append(each)
    return tuple((day, _href(duties, who)) for day, duties in own.items())


def _href(duties: Iterable[Duty], who: Who) -> str:
    theirs = (each for each in duties if not is_hidden(each) and who.may_act_at(each.place.hub_id))
    return next((f"/staff/rota/shifts/{each.id}" for each in theirs), "")

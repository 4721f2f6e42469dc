"""Who comes, and whether a run is for them: pure rules about ages, numbers and places."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from booking.problems import Problem
from booking.words import age_at, age_range, count_words

MOST_ADULTS, MOST_CHILDREN = 4, 6
FIRST_BIRTH_YEAR = 1990


@dataclass(frozen=True, slots=True)
class ChildComing:
    """A child by first name with year and month of birth; the day is never asked."""

    first_name: str
    birth_year: int
    birth_month: int


@dataclass(frozen=True, slots=True)
class Party:
    """Everybody on one booking. `adults` are names, the one who books first; `creche` are those of the children who are
    looked after in the creche meanwhile. `due` is the year and month in which a baby is expected, `work` the job and
    organisation of a professional; that there are additional needs is asked where the age turns on it, and never kept."""

    adults: tuple[str, ...]
    children: tuple[ChildComing, ...] = ()
    needs: str = ""
    creche: tuple[ChildComing, ...] = ()
    due: tuple[int, int] | None = None
    work: str = ""
    has_additional_needs: bool = False

    def names(self) -> list[str]:
        """First names, for messages, which join them in the reader's language."""
        return [name.split()[0] for name in self.adults if name] + [child.first_name for child in self.children]

    def words(self) -> str:
        """ "Sam and Ada" """
        names = self.names()
        return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1] if names else ""


@dataclass(frozen=True, slots=True)
class Offered:
    """What the rules need to know of a run: ages in months, whose age it is, what one place is counted in; the oldest age
    with additional needs, how many may come on one place, and for whom it is (families, professionals or anyone)."""

    min_age_months: int | None
    max_age_months: int | None
    age_of: str
    places_unit: str
    send_max_age_months: int | None = None
    most_adults: int | None = None
    most_children: int | None = None
    audience: str = "families"
    booking_mode: str = ""

    @classmethod
    def of(cls, row: dict[str, Any]) -> "Offered":
        names = ("min_age_months", "max_age_months", "age_of", "places_unit")
        more = ("send_max_age_months", "most_adults", "most_children", "audience", "booking_mode")
        return cls(*(row[name] for name in names), **{name: row[name] for name in more if row.get(name) is not None})

    @property
    def asks_children(self) -> bool:
        """Whether it is for children of some age, so that the form asks about them first."""
        return self.age_of in ("child", "young person") and not self.asks_work

    @property
    def asks_due_month(self) -> bool:
        """Whether it is for expectant parents, who are asked when the baby is due instead of a birth; not for an appointment,
        where the midwife knows."""
        return self.age_of == "expectant parents" and not self.asks_work and self.booking_mode != "appointment"

    @property
    def asks_work(self) -> bool:
        """Whether it is training for professionals, who are asked where they work instead of who else comes."""
        return self.audience == "professionals"

    @property
    def most(self) -> tuple[int, int]:
        """How many adults and children may come on one booking."""
        if self.asks_work:
            return 1, 0
        adults = MOST_ADULTS if self.most_adults is None else min(self.most_adults, MOST_ADULTS)
        children = MOST_CHILDREN if self.most_children is None else min(self.most_children, MOST_CHILDREN)
        return adults, children

    @property
    def most_words(self) -> str:
        """ "1 adult and up to 3 children" """
        adults, children = self.most
        grown = count_words(adults, "adult") if adults == 1 else f"up to {adults} adults"
        return f"{grown} and up to {count_words(children, 'child', 'children')}" if children else grown

    @property
    def ages(self) -> str:
        return age_range(self.min_age_months, self.max_age_months)


def places_needed(offered: Offered, party: Party) -> int:
    """How many places a party takes: families and couples one, adults, children and people by heads; an appointment is one
    place however many come to it."""
    if offered.booking_mode == "appointment":
        return 1
    count = {
        "adults": len(party.adults),
        "children": len(party.children),
        "people": len(party.adults) + len(party.children),
        "young people": len(party.children),
    }.get(offered.places_unit, 1)
    return max(count, 1)


def fits(offered: Offered, child: ChildComing, day: date, *, has_additional_needs: bool = False) -> bool:
    """Whether the child is of the right age on a day; with additional needs it may be older, where the programme says so.

    Only the month of birth is known, so a child who may be either side of the line that day is let in.
    """
    oldest = age_at(child.birth_year, child.birth_month, day)
    youngest = oldest - 1
    low, high = offered.min_age_months, offered.max_age_months
    if has_additional_needs and high is not None and offered.send_max_age_months is not None:
        high = max(high, offered.send_max_age_months)
    return (low is None or oldest >= low) and (high is None or youngest <= high)


def age_problems(offered: Offered, party: Party, day: date) -> list[Problem]:
    """A Problem per child whose age does not fit; rule "age". Unborn children fit what begins at birth only when born.

    Brothers and sisters in the creche may be of any age, where one child is of the right one.
    """
    if not offered.asks_children:
        return []
    has_needs = party.has_additional_needs
    wrong = [child for child in party.children if not fits(offered, child, day, has_additional_needs=has_needs)]
    if len(wrong) < len(party.children):
        wrong = [child for child in wrong if child not in party.creche]
    return [
        Problem(f"{child.first_name} will not be the right age: this is for {offered.ages}.", rule="age")
        for child in wrong
    ]


def may_turn_on_needs(offered: Offered, party: Party, day: date) -> bool:
    """Whether all who are too old would be let in with additional needs: then, and only then, the form asks."""
    if party.has_additional_needs or offered.send_max_age_months is None or not age_problems(offered, party, day):
        return False
    return not age_problems(offered, replace(party, has_additional_needs=True), day)


def party_problems(offered: Offered, party: Party) -> list[Problem]:
    """Numbers: somebody must come, a child where it is for children, and not a crowd."""
    found = []
    if not party.adults and offered.age_of != "young person":
        found.append(Problem("Tell us the name of the adult who is coming", "adult-0", rule="missing"))
    if offered.asks_children and not party.children:
        found.append(Problem("Tell us about the child this is for", "child-0-first_name", rule="missing"))
    adults, children = offered.most
    beside = [child for child in party.children if child not in party.creche]
    if len(party.adults) > adults or len(beside) > children:
        found.append(Problem(f"You can book for {offered.most_words}. For more, please ring us.", rule="too many"))
    return found

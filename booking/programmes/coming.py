"""Who comes, and whether a run is for them: pure rules about ages, numbers and places."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from booking.problems import Problem
from booking.words import age_at, age_range

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
    """Everybody on one booking. `adults` are names, the one who books first."""

    adults: tuple[str, ...]
    children: tuple[ChildComing, ...] = ()
    needs: str = ""

    def words(self) -> str:
        """ "Sam and Ada" """
        names = [name.split()[0] for name in self.adults if name] + [child.first_name for child in self.children]
        return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1] if names else ""


@dataclass(frozen=True, slots=True)
class Offered:
    """What the rules need to know of a run: ages in months, whose age it is, what one place is counted in."""

    min_age_months: int | None
    max_age_months: int | None
    age_of: str
    places_unit: str

    @classmethod
    def of(cls, row: dict[str, Any]) -> "Offered":
        return cls(row["min_age_months"], row["max_age_months"], row["age_of"], row["places_unit"])

    @property
    def asks_children(self) -> bool:
        """Whether it is for children of some age, so that the form asks about them first."""
        return self.age_of in ("child", "young person")

    @property
    def ages(self) -> str:
        return age_range(self.min_age_months, self.max_age_months)


def places_needed(offered: Offered, party: Party) -> int:
    """How many places a party takes: families and couples one, adults, children and people by heads."""
    count = {
        "adults": len(party.adults),
        "children": len(party.children),
        "people": len(party.adults) + len(party.children),
        "young people": len(party.children),
    }.get(offered.places_unit, 1)
    return max(count, 1)


def fits(offered: Offered, child: ChildComing, day: date) -> bool:
    """Whether the child is of the right age on a day.

    Only the month of birth is known, so a child who may be either side of the line that day is let in.
    """
    oldest = age_at(child.birth_year, child.birth_month, day)
    youngest = oldest - 1
    low, high = offered.min_age_months, offered.max_age_months
    return (low is None or oldest >= low) and (high is None or youngest <= high)


def age_problems(offered: Offered, party: Party, day: date) -> list[Problem]:
    """A Problem per child whose age does not fit; rule "age". Unborn children fit what begins at birth only when born."""
    if not offered.asks_children:
        return []
    return [
        Problem(f"{child.first_name} will not be the right age: this is for {offered.ages}.", rule="age")
        for child in party.children
        if not fits(offered, child, day)
    ]


def party_problems(offered: Offered, party: Party) -> list[Problem]:
    """Numbers: somebody must come, a child where it is for children, and not a crowd."""
    found = []
    if not party.adults and offered.age_of != "young person":
        found.append(Problem("Tell us the name of the adult who is coming", "adult-0", rule="missing"))
    if offered.asks_children and not party.children:
        found.append(Problem("Tell us about the child this is for", "child-0-first_name", rule="missing"))
    if len(party.adults) > MOST_ADULTS or len(party.children) > MOST_CHILDREN:
        most = f"You can book for up to {MOST_ADULTS} adults and {MOST_CHILDREN} children. For more, please ring us."
        found.append(Problem(most, rule="too many"))
    return found

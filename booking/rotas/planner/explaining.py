"""Why a duty is open: which rule stands in the way for whom, counted and in words, and what would help. Pure; well under 20 ms a gap.

For everybody the first thing that stands in the way is named, in the order in which somebody would ask: trained for it, near
enough, at work then, free then. Take it away and the answer for that person changes.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from booking.rotas import rules
from booking.rotas.planner.crew import Crew, Person, Task
from booking.rotas.values import Duty, Plan, Worker
from booking.words import count_words, short_day, time_range

NAMED = 3
NEAR_MISSES = 3
SAYS = {
    "skill": ("is not trained for it", "are not trained for it"),
    "skill_expired": ("is no longer certified", "are no longer certified"),
    "place": ("does not work there", "do not work there"),
    "too_far": ("is too far away", "are too far away"),
    "employed": ("does not work here then", "do not work here then"),
    "leave": ("is on leave", "are on leave"),
    "pattern": ("does not work at that time", "do not work at that time"),
    "double": ("is on another duty", "are on other duties"),
    "travel": ("could not get there in time", "could not get there in time"),
    "rest": ("would have too little rest", "would have too little rest"),
    "weekly_rest": ("would have no day off that week", "would have no day off that week"),
    "hours": ("has no hours left that week", "have no hours left that week"),
    "most_hours": ("has the most hours of the week already", "have the most hours of the week already"),
    "days_in_row": ("would work too many days in a row", "would work too many days in a row"),
    "saturdays": ("has worked enough weekends", "have worked enough weekends"),
    "evenings": ("has enough evenings that week", "have enough evenings that week"),
    "alone": ("would be alone in the building", "would be alone in the building"),
}
ORDER = list(SAYS)


@dataclass(frozen=True, slots=True)
class Blocker:
    """One rule and for whom it is the first in the way."""

    rule: str
    people: tuple[UUID, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Explained:
    """words: why nobody does this duty, whole sentences. helps: what would change that, the best first. free: who could take it
    after all."""

    duty: Duty
    blockers: tuple[Blocker, ...]
    words: str
    helps: tuple[str, ...]
    free: tuple[UUID, ...] = ()


class Explainer:
    """Explains gaps of one plan. names: what skills are called, by code."""

    def __init__(self, plan: Plan, given: Mapping[UUID, UUID], names: Mapping[str, str] | None = None):
        self.crew = Crew(plan, given)
        self.names = names or {}

    def gaps(self) -> list[Task]:
        """Open duties inside the window, by time."""
        plan = self.crew.plan
        found = [
            task
            for task in self.crew.tasks.values()
            if task.id not in self.crew.given and plan.first <= task.duty.date <= plan.last
        ]
        return sorted(found, key=lambda task: task.order)

    def explain(self, id: UUID) -> Explained:
        task = self.crew.tasks[id]
        if task.is_beside:
            return self._beside(task)
        by_rule: dict[str, list[Person]] = defaultdict(list)
        for person in self.crew.people.values():
            by_rule[self.first_rule(person, task)].append(person)
        free = tuple(each.worker.id for each in by_rule.pop("", []))
        blockers = tuple(
            Blocker(rule, tuple(each.worker.id for each in by_rule[rule]), self._who(rule, by_rule[rule]))
            for rule in sorted(by_rule, key=ORDER.index)
        )
        return Explained(task.duty, blockers, self._words(task, by_rule, free), self._helps(task, by_rule, free), free)

    def _beside(self, task: Task) -> Explained:
        """Preparation and follow-up are for whoever leads the session, and for nobody else."""
        duty, crew = task.duty, self.crew
        session = (duty.session_id, duty.position, "facilitator")
        lead = next(
            (crew.given[it.id] for it in crew.tasks.values()
             if (it.duty.session_id, it.duty.position, it.duty.kind) == session and it.id in crew.given),
            None,
        )  # fmt: skip
        if lead is None or lead not in crew.people:
            return Explained(duty, (), "Nobody leads this session yet; whoever does has this time beside it.", ())
        person = crew.people[lead]
        rule, name = self.first_rule(person, task), person.worker.name
        if not rule:
            return Explained(duty, (), f"{name} leads this session and could do it.", (), (lead,))
        words = f"{name} leads this session, and {SAYS[rule][0]}; no other time of the week was free for it."
        helps = (f"One duty less for {name} in that week.",)
        return Explained(duty, (Blocker(rule, (lead,), f"{name} {SAYS[rule][0]}"),), words, helps)

    def first_rule(self, person: Person, task: Task) -> str:
        """What stands in the way first, "" for nothing; who would be alone is asked last."""
        found = person.lacks(task) or person.cannot_get_to(task) or person.is_off(task) or person.is_full(task)
        return found or ("alone" if self._would_be_alone(person, task) else "")

    def _would_be_alone(self, person: Person, task: Task) -> bool:
        if task.is_beside or not task.duty.place.needs_two:
            return False
        crew = self.crew
        crew.give(task, person.worker.id)
        found = any(each.id == task.id for each in crew.alone(task.duty.place.id, task.day))
        crew.take(task)
        return found

    def _who(self, rule: str, people: Sequence[Person]) -> str:
        """ "Ann and Bo are on leave", "12 are too far away" """
        one, many = SAYS[rule]
        if len(people) > NAMED:
            return f"{len(people)} {many}"
        return f"{names_of(each.worker for each in people)} {one if len(people) == 1 else many}"

    def _words(self, task: Task, by_rule: Mapping[str, Sequence[Person]], free: Sequence[UUID]) -> str:
        """Who is not even trained or near comes last, as a number."""
        duty = task.duty
        when = f"{short_day(duty.date)}, {time_range(duty.start, duty.end)}"
        if free:
            who = names_of(self.crew.people[id].worker for id in free[:NAMED])
            return f"{who} could do it on {when}."
        first = f"Nobody{self._trained(duty)} is free on {when}"
        near = [rule for rule in ORDER if rule in by_rule and rule not in ("skill", "place", "too_far")]
        far = [rule for rule in ("place", "too_far", "skill") if rule in by_rule]
        said = "; ".join(self._who(rule, by_rule[rule]) for rule in near)
        if duty.skills and not near and not set(far) & {"place", "too_far"}:
            return f"{first}: nobody here is trained."
        rest = "; ".join(
            f"{count_words(len(by_rule[rule]), 'person', 'people')} {SAYS[rule][0 if len(by_rule[rule]) == 1 else 1]}"
            for rule in far
        )
        return (
            f"{first}: {said}." + (f" Besides, {rest}." if rest else "")
            if said
            else f"{first}: {rest}."
            if rest
            else f"{first}."
        )

    def _trained(self, duty: Duty) -> str:
        """ " trained in Incredible Years", " with “Keyholder”", "" where no skill is asked for"""
        names = [self.names.get(code, code) for code in sorted(duty.skills)]
        said = [f"{each[0].lower()}{each[1:]}" if each.startswith("Trained") else f"with “{each}”" for each in names]
        return f" {join(said)}" if said else ""

    def _helps(self, task: Task, by_rule: Mapping[str, Sequence[Person]], free: Sequence[UUID]) -> tuple[str, ...]:
        if free:
            return ()
        found: list[str] = []
        if by_rule.get("alone"):
            who = names_of(each.worker for each in by_rule["alone"][:NAMED])
            found.append(f"A second person in the building at that time: then {who} could do it.")
        found += self._near_misses(task, by_rule)
        found += self._training(task, by_rule)
        return tuple(found[:3]) or ("More people: of those on the rota no one change would be enough.",)

    def _near_misses(self, task: Task, by_rule: Mapping[str, Sequence[Person]]) -> list[str]:
        """People for whom one rule alone is in the way, which somebody can do something about; the nearest first."""
        asked = (
            "skill_expired",
            "double",
            "hours",
            "evenings",
            "saturdays",
            "days_in_row",
            "pattern",
            "travel",
            "rest",
            "place",
            "too_far",
        )
        found = []
        for rule in asked:
            people = sorted(by_rule.get(rule, ()), key=lambda it: (it.minutes_to(task.duty.place) or 0, it.worker.name))
            for person in people[:NEAR_MISSES]:
                words = self._one_thing(rule, person, task)
                if words:
                    found.append(words)
                    break
        return found

    def _one_thing(self, rule: str, person: Person, task: Task) -> str:
        """What would help if this rule is all that is in this person's way; "" where more is."""
        own = [each.duty for _, each in person.tasks]
        hard = {
            one.rule: one
            for one in rules.would_break(person.worker, task.duty, own, self.crew.plan.rules)
            if one.level != "soft"
        }
        name = person.worker.name
        if rule == "double":
            return self._stand_in(person, task) if set(hard) <= {"double", "travel", "hours"} else ""
        if set(hard) != {rule} or self._would_be_alone(person, task):
            return ""
        if rule == "skill_expired":
            return f"{self._named(hard[rule].words, task)} Renewing it would be enough."
        if rule == "pattern":
            return f"Ask {name}, who does not usually work then; nothing else is in the way."
        if rule in ("place", "too_far"):
            return f"Ask {name}: {_small(hard[rule].words, name)}"
        if rule == "travel":
            return f"{name} would have too little time on the way from or to another duty; a manager may set that aside, with a reason."
        return f"{hard[rule].words} A manager may set that aside, with a reason."

    def _named(self, words: str, task: Task) -> str:
        """A sentence of the rules with skills called by their names."""
        for code in task.duty.skills:
            words = words.replace(f"“{code}”", f"“{self.names.get(code, code)}”")
        return words

    def _stand_in(self, person: Person, task: Task) -> str:
        """Somebody who could take what this person does at that time, if that would free them."""
        crew, id = self.crew, person.worker.id
        other = next((each for _, each in person.tasks if each.begins < task.ends and task.begins < each.ends), None)
        if other is None or other.id in crew.plan.fixed or other.is_beside:
            return ""
        crew.take(other)
        is_enough = not person.is_full(task)
        who = (
            next((it for it in crew.people.values() if it is not person and not it.refuses(other)), None)
            if is_enough
            else None
        )
        crew.give(other, id)
        if who is None:
            return ""
        duty = other.duty
        what = f"{duty.title or duty.place.name} ({time_range(duty.start, duty.end)})"
        return f"If {who.worker.name} took {what}, {person.worker.name} could do this."

    def _training(self, task: Task, by_rule: Mapping[str, Sequence[Person]]) -> list[str]:
        """Who is near and free and lacks nothing but the skill."""
        able = [
            each.worker
            for each in by_rule.get("skill", ())
            if not (
                each.cannot_get_to(task) or each.is_off(task) or each.is_full(task) or self._would_be_alone(each, task)
            )
        ]
        if not able:
            return []
        who = names_of(able) if len(able) <= NAMED else f"{len(able)} people, {able[0].name} among them"
        skill = join([f"“{self.names.get(code, code)}”" for code in sorted(task.duty.skills)])
        return [f"{who} {'is' if len(able) == 1 else 'are'} free then and near enough, without {skill}: training one of them would be enough."]  # fmt: skip


def names_of(workers: Iterable[Worker]) -> str:
    """ "Ann, Bo and Cy" """
    return join([each.name for each in workers])


def join(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def _small(words: str, name: str) -> str:
    return words.replace(f"{name} does not work at", "they do not work at").replace(f"{name}’s", "their")

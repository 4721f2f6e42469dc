"""Why a request cannot go on, in the reader's words."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Level = Literal["blocks", "warns", "needs_approval"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason, shown beside `field` where there is one; `rule` names the rule for code and tests."""

    words: str
    field: str | None = None
    level: Level = "blocks"
    rule: str = ""


class Refused(Exception):
    """A verb was called although Problems block it; carries all of them."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems = list(problems)
        super().__init__("; ".join(problem.words for problem in self.problems))

    @property
    def rules(self) -> set[str]:
        return {problem.rule for problem in self.problems}

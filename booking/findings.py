"""One thing that `booking check` has to say."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """`level` is ok, note or wrong."""

    what: str
    words: str
    level: str = "ok"

    @property
    def is_wrong(self) -> bool:
        return self.level == "wrong"

    def __str__(self) -> str:
        return f"{self.level:<6} {self.what}: {self.words}"

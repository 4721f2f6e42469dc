"""Public pages and lists are made once and shared for a second or so; nothing here is ever needed to be right.

What is remembered is the same for everybody, and short-lived: a place taken meanwhile is refused by the claim, not by the page.
One request makes a page anew while others get the old one, so a rush does not make it two hundred times.
"""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

MOST = 2000


class Remembered:
    """The last values by key, each good for some seconds; the least used go first."""

    def __init__(self, seconds: float):
        self.seconds = seconds
        self._kept: OrderedDict[Any, tuple[float, Any]] = OrderedDict()

    def get(self, key: Any) -> Any | None:
        kept = self._kept.get(key)
        if kept is None or kept[0] < time.monotonic():
            return None
        self._kept.move_to_end(key)
        return kept[1]

    def keep(self, key: Any, value: Any) -> None:
        if self.seconds <= 0:
            return
        self._kept[key] = (time.monotonic() + self.seconds, value)
        self._kept.move_to_end(key)
        while len(self._kept) > MOST:
            self._kept.popitem(last=False)

    async def get_or_make(self, key: Any, make: Callable[[], Awaitable[Any]]) -> Any:
        value = self.get(key)
        if value is None:
            value = await make()
            self.keep(key, value)
        return value

    def forget(self) -> None:
        self._kept.clear()

"""The process in which a plan is worked: `python -m booking.rotas.planner.child`, started by process.py and by nothing else.

The first line of its input is the order; "stop" on a later line ends the search, and the end of the input ends the process: it never
outlives whoever started it. Each line that it writes is one JSON object: `tell` (done, total, words), `best` (a report, to be
kept in case nothing better comes) or `done` (the report), or `failed`: memory, or restart where whoever ordered runs other code.
"""

import json
import os
import resource
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

from booking import clock
from booking.rotas.planner import decomposed, greedy, passing, repairing, reporting
from booking.rotas.planner.planned import Planned
from booking.rotas.values import Plan

NICE = 10
Say = Callable[[dict[str, Any]], None]


def main() -> int:
    order = json.loads(sys.stdin.readline())
    say = _own_voice()
    if order.get("version") != passing.VERSION:
        say({"failed": "restart"})
        return 1
    _be_modest(order["memory_mb"])
    stop = threading.Event()
    threading.Thread(target=_listen, args=[stop], daemon=True).start()
    try:
        clock.use_zone(order["zone"])
        work(order, say, stop.is_set)
    except MemoryError:
        say({"failed": "memory"})
        return 1
    return 0


def work(order: dict[str, Any], say: Say, should_stop: Callable[[], bool]) -> None:
    """The draft first, which is kept whatever comes; then the search, where it is asked for. Of a repair who does what, and no more."""
    plan, seed, names = passing.from_json(order["plan"]), order["seed"], order["names"]
    if order["engine"] == "repair":
        found = repairing.repair(plan, seed=seed, seconds=order["seconds"], should_stop=should_stop)
        say({"done": {"given": passing.pairs(found.given)}})
        return
    hubs = {UUID(each) for each in order["hubs"]}
    say({"tell": [0, 0, "Drafting"]})
    draft = greedy.plan(plan, seed)
    if order["engine"] == "greedy":
        say({"done": reporting.report(plan, draft, names, hubs)})
        return
    say({"best": reporting.report(plan, draft, names, hubs)})
    say({"done": reporting.report(plan, _search(order, plan, draft, say, should_stop), names, hubs)})


def _search(order: dict[str, Any], plan: Plan, draft: Planned, say: Say, should_stop: Callable[[], bool]) -> Planned:
    return decomposed.plan(
        plan,
        seed=order["seed"],
        seconds=order["seconds"],
        tell=lambda done, total, words: say({"tell": [done, total, words]}),
        should_stop=should_stop,
        start=draft.given,
    )


def _be_modest(memory_mb: int) -> None:
    """No more memory than this, and behind everybody else."""
    most = memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    with suppress(OSError):
        os.nice(NICE)


def _own_voice() -> Say:
    """Writes lines where the parent listens; what libraries print goes to the errors."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def say(value: dict[str, Any]) -> None:
        out.write(passing.text(value) + "\n")
        out.flush()

    return say


def _listen(stop: threading.Event) -> None:
    while line := sys.stdin.readline():
        if line.strip() == "stop":
            stop.set()
    os._exit(1)  # whoever asked is gone


if __name__ == "__main__":
    sys.exit(main())

"""Rules turned into dates: `python -m benchmarks.recurrence [--rules 20000]`. Needs no database.

Prints how many rules a second of CPU time are expanded, for each sort of rule and for a county's mix, against a year's calendar
with every weekend of holidays and every bank holiday in it; and, as this machine's limit, how many lists of 14 dates plain Python
makes in a second.
"""

import argparse
import time
from collections.abc import Callable
from datetime import date, timedelta

from booking.places.recurrence import FORTNIGHTLY, MONTHLY, SHIFT, Rule, on_dates, plan
from booking.places.term_calendar import Period, TermCalendar

D = date.fromisoformat
BATCHES = 5
HELD = 14
PERIODS = [
    Period("term", "autumn", D("2026-09-02"), D("2026-12-18")),
    Period("half_term", "autumn", D("2026-10-26"), D("2026-10-30")),
    Period("holiday", "christmas", D("2026-12-21"), D("2027-01-01")),
    Period("term", "spring", D("2027-01-04"), D("2027-03-25")),
    Period("half_term", "spring", D("2027-02-15"), D("2027-02-19")),
    Period("holiday", "easter", D("2027-03-26"), D("2027-04-09")),
    Period("term", "summer", D("2027-04-12"), D("2027-07-21")),
    Period("half_term", "summer", D("2027-05-31"), D("2027-06-04")),
]
HOLIDAYS = {
    D("2027-01-01"): "New Year's Day",
    D("2027-03-26"): "Good Friday",
    D("2027-03-29"): "Easter Monday",
    D("2027-05-03"): "Early May bank holiday",
    D("2027-05-31"): "Spring bank holiday",
}
CALENDAR = TermCalendar("Dorset", PERIODS, HOLIDAYS)
Wanted = tuple[dict, int]
SORTS: dict[str, Wanted] = {
    "weekly": ({}, 60),
    "fortnightly, keeping its weeks": ({"frequency": FORTNIGHTLY}, 15),
    "fortnightly, shifting": ({"frequency": FORTNIGHTLY, "after_skip": SHIFT}, 5),
    "two weekdays": ({"weekdays": (1, 3)}, 5),
    "monthly": ({"frequency": MONTHLY, "nth": 1}, 15),
}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rules", type=int, default=20_000)
    wanted = options.parse_args().rules
    mix: list[dict] = []
    for words, (changes, share) in SORTS.items():
        mix += [changes] * share
        report(words, wanted, expanding([changes]))
    report("14 single dates", wanted, single_dates)
    report("a county's mix", wanted, expanding(mix))
    report("weekly, with two dates put back, two dropped, one added", wanted, decided)
    report("this machine: a list of 14 dates", wanted, lambda n: [_plain_dates(i) for i in range(n)])


def expanding(changes: list[dict]) -> Callable[[int], object]:
    """Makes each rule and expands it: 14 held sessions, in term time but for every fifth one."""

    def expand(times: int) -> None:
        for i in range(times):
            rule = Rule(
                weekday=i % 5,
                start="10:00",
                end="11:30",
                first_date=date(2027, 1, 4) + timedelta(i % 28),
                held_sessions=HELD,
                term_time_only=i % 5 > 0,
                **changes[i * 37 % len(changes)],
            )
            found = plan(rule, CALENDAR.left_out(term_time_only=rule.term_time_only))
            assert len(found.dates) == HELD

    return expand


def single_dates(times: int) -> None:
    days = _plain_dates(8)
    for _ in range(times):
        plan(on_dates(days, "10:00", "11:00"), CALENDAR.left_out(term_time_only=False))


def decided(times: int) -> None:
    rule = Rule(1, "10:00", "11:30", D("2027-01-12"), held_sessions=HELD, term_time_only=True)
    left_out = CALENDAR.left_out(term_time_only=True)
    back, dropped = [D("2027-02-16"), D("2027-03-30")], {D("2027-01-19"): "Away", D("2027-03-02"): "Away"}
    for _ in range(times):
        plan(rule, left_out, put_back=back, added=[D("2027-01-21")], dropped=dropped)


def _plain_dates(first: int) -> list[date]:
    return [date.fromordinal(739_900 + first % 28 + 7 * week) for week in range(HELD)]


def report(words: str, times: int, act: Callable[[int], object]) -> None:
    """The best of five batches: other work on the machine disturbed it least."""
    seconds = []
    for _ in range(BATCHES):
        before = time.process_time()
        act(times // BATCHES)
        seconds.append(time.process_time() - before)
    print(f"{words:58} {times // BATCHES / min(seconds):12,.0f} a second")


if __name__ == "__main__":
    main()

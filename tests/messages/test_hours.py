"""Quiet hours and safe hours: tables of cases, and properties over both changes of the clock."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking import clock
from booking.messages import hours
from booking.messages.hours import Hours

QUIET = Hours("20:00", "08:00")
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def london():
    clock.use_zone("Europe/London")


def at(text: str) -> datetime:
    """The instant of a local wall time such as "2027-06-01 09:00"."""
    day, wall = text.split()
    return clock.at(datetime.fromisoformat(day).date(), wall)


ASKED = {"kind": "cancellation", "urgency": 2, "hears_urgent": False}
CASES = [
    ("by day at once", QUIET, {}, "2027-06-01 12:00", "2027-06-01 12:00"),
    ("the last minute of the day", QUIET, {}, "2027-06-01 19:59", "2027-06-01 19:59"),
    ("from eight in the evening", QUIET, {}, "2027-06-01 20:00", "2027-06-02 08:00"),
    ("in the night", QUIET, {}, "2027-06-02 03:10", "2027-06-02 08:00"),
    ("codes at any time", QUIET, {"kind": "sign_in_code", "urgency": 0}, "2027-06-02 03:10", "2027-06-02 03:10"),
    ("answers at any time", QUIET, {"kind": "confirmation"}, "2027-06-01 23:00", "2027-06-01 23:00"),
    ("urgent for who agreed", QUIET, {"urgency": 1, "hears_urgent": True}, "2027-06-02 07:00", "2027-06-02 07:00"),
    ("urgent for others not", QUIET, {"urgency": 1}, "2027-06-02 07:00", "2027-06-02 08:00"),
    ("who agreed hears nothing else", QUIET, {"hears_urgent": True}, "2027-06-02 07:00", "2027-06-02 08:00"),
    ("safe hours begin", Hours("", "", "09:30", "15:00"), {}, "2027-06-01 07:00", "2027-06-01 09:30"),
    ("safe hours are over", Hours("", "", "09:30", "15:00"), {}, "2027-06-01 15:00", "2027-06-02 09:30"),
    ("past midnight", Hours("", "", "22:00", "02:00"), {}, "2027-06-01 02:00", "2027-06-01 22:00"),
    ("past midnight, after it", Hours("", "", "22:00", "02:00"), {}, "2027-06-01 01:59", "2027-06-01 01:59"),
    ("some weekdays", Hours("", "", "09:30", "15:00", "03"), {}, "2027-06-01 12:00", "2027-06-03 09:30"),
    ("whole days", Hours("20:00", "08:00", "", "", "0"), {}, "2027-06-01 12:00", "2027-06-07 08:00"),
    ("a night that began on a safe day", Hours("", "", "22:00", "02:00", "0"), {}, "2027-06-01 01:00", "2027-06-01 01:00"),
    ("a night that began on another", Hours("", "", "22:00", "02:00", "1"), {}, "2027-06-01 01:00", "2027-06-01 22:00"),
    ("both hold", Hours("20:00", "08:00", "07:00", "09:00"), {}, "2027-06-01 07:10", "2027-06-01 08:00"),
    ("no code out of safe hours", Hours("20:00", "08:00", "09:00", "10:00"), {"kind": "manage_code"},
     "2027-06-01 12:00", "2027-06-02 09:00"),
    ("nothing urgent out of safe hours", Hours("20:00", "08:00", "09:00", "10:00"),
     {"urgency": 1, "hears_urgent": True}, "2027-06-01 12:00", "2027-06-02 09:00"),
    ("safe only when others sleep", Hours("20:00", "08:00", "21:00", "22:00"), {}, "2027-06-01 12:00", "2027-06-01 21:00"),
    ("the longer night", QUIET, {}, "2027-10-30 21:00", "2027-10-31 08:00"),
    ("the shorter night", QUIET, {}, "2027-03-27 21:00", "2027-03-28 08:00"),
    ("a window that the night leaves out", Hours("", "", "01:15", "01:45"), {}, "2027-03-28 00:30", "2027-03-29 01:15"),
    ("a window that begins in the gap", Hours("", "", "01:30", "03:00"), {}, "2027-03-28 00:30", "2027-03-28 02:00"),
    ("no limit at all", Hours(), {}, "2027-06-01 03:00", "2027-06-01 03:00"),
    ("from eight to eight is never quiet", Hours("08:00", "08:00"), {}, "2027-06-01 03:00", "2027-06-01 03:00"),
]  # fmt: skip


@pytest.mark.parametrize(("kept", "changes", "now", "leaves"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_what_may_leave_when(kept, changes, now, leaves):
    assert hours.may_leave(kept, at(now), **ASKED | changes) == at(leaves)


def test_an_hour_that_comes_twice_is_allowed_twice_and_not_between():
    """Half past one until two is safe. On 31 October it comes in summer time and, half an hour later, in winter time."""
    kept = Hours("", "", "01:30", "02:00")
    first, again = datetime(2027, 10, 31, 0, 30, tzinfo=UTC), datetime(2027, 10, 31, 1, 30, tzinfo=UTC)
    assert hours.first_allowed(kept, first - MINUTE) == first
    assert hours.first_allowed(kept, datetime(2027, 10, 31, 1, 0, tzinfo=UTC)) == again
    assert hours.last_allowed(kept, again - MINUTE) == datetime(2027, 10, 31, 0, 59, tzinfo=UTC)


def test_an_answer_that_was_held_up_is_awaited_no_more():
    now = at("2027-06-01 23:00")
    late = now - timedelta(hours=2)
    left = hours.may_leave(QUIET, now, kind="confirmation", urgency=1, hears_urgent=False, asked_at=late)
    assert left == at("2027-06-02 08:00")


@pytest.mark.parametrize(
    ("kept", "wanted", "last"),
    [
        (QUIET, "2027-06-02 07:00", "2027-06-01 19:59"),
        (QUIET, "2027-06-02 08:00", "2027-06-02 08:00"),
        (Hours("", "", "09:30", "15:00", "0"), "2027-06-03 12:00", "2027-05-31 14:59"),
        (Hours("", "", "22:00", "02:00"), "2027-06-03 12:00", "2027-06-03 01:59"),
    ],
)
def test_the_last_moment_before(kept, wanted, last):
    assert hours.last_allowed(kept, at(wanted)) == at(last)


def test_mail_keeps_no_quiet_hours_but_safe_ones(monkeypatch):
    monkeypatch.setattr(hours, "_county", QUIET)
    safe = {"safe_from": "09:30", "safe_to": "15:00", "safe_days": ""}
    assert hours.of(None, "email") == Hours() and hours.of(None, "sms") == QUIET
    assert hours.of(safe, "email") == Hours("", "", "09:30", "15:00", "")
    assert hours.of(safe, "call") == Hours("20:00", "08:00", "09:30", "15:00", "")


@pytest.mark.parametrize(
    ("safe", "words"),
    [
        (("", "", ""), ""),
        (("09:30", "15:00", ""), "9:30am to 3pm"),
        (("22:00", "02:00", "03"), "10pm to 2am, the next day on Mon and Thu"),
        (("", "15:00", "024"), "until 3pm on Mon, Wed and Fri"),
    ],
)
def test_staff_read_safe_hours_in_words(safe, words):
    assert hours.safe_words(dict(zip(("safe_from", "safe_to", "safe_days"), safe, strict=True))) == words


times = st.one_of(st.just(""), st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59)))
days = st.sets(st.sampled_from("0123456")).map(lambda some: "".join(sorted(some)))
any_hours = st.builds(Hours, times, times, times, times, days).map(
    lambda h: h if h.quiet_from and h.quiet_to else Hours("20:00", "08:00", h.safe_from, h.safe_to, h.safe_days)
)
CHANGES = (datetime(2027, 10, 31, 1, tzinfo=UTC), datetime(2027, 3, 28, 1, tzinfo=UTC))
instants = st.builds(
    lambda change, minutes: change + timedelta(minutes=minutes), st.sampled_from(CHANGES), st.integers(-2000, 2000)
)


@settings(max_examples=300, deadline=None)
@given(any_hours, instants)
def test_what_comes_back_is_allowed_never_earlier_and_the_first_such_minute(kept, now):
    first = hours.first_allowed(kept, now)
    assert first >= now and hours.is_allowed(kept, first)
    step = now
    while step < min(first, now + timedelta(days=2)):
        assert not hours.is_allowed(kept, step)
        step += MINUTE


@settings(max_examples=300, deadline=None)
@given(any_hours, instants)
def test_the_last_moment_before_is_allowed_never_later_and_the_last_such_minute(kept, now):
    last = hours.last_allowed(kept, now)
    assert last is not None and last <= now and hours.is_allowed(kept, last)
    step = now
    while step > max(last, now - timedelta(days=2)):
        assert not hours.is_allowed(kept, step)
        step -= MINUTE


@settings(max_examples=200, deadline=None)
@given(st.builds(Hours, st.just("20:00"), st.just("08:00"), times, times, days), instants, st.sampled_from(hours.CODES))
def test_safe_hours_hold_whatever_it_is(kept, now, kind):
    left = hours.may_leave(kept, now, kind=kind, urgency=0, hears_urgent=True)
    alone = Hours("", "", kept.safe_from, kept.safe_to, kept.safe_days)
    assert hours.is_allowed(alone, left) and left == hours.first_allowed(alone, now)

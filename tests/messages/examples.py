"""Sessions and facts that the tests of wording and calendars speak of."""

from datetime import UTC, datetime
from uuid import UUID

from booking.messages.said import Said

STAMP = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def said(**changes) -> Said:
    facts = {
        "session_id": UUID(int=7),
        "starts_at": utc(2027, 1, 12, 10),
        "ends_at": utc(2027, 1, 12, 12),
        "title": "Stay and play",
        "place": "Ferndown Family Hub, Penny's Walk, Ferndown BH22 9JU",
        "directions": "Bus 38 stops outside. There is free parking.",
        "bring": "Socks for the soft play room.",
        "host": "Sam",
        "page_path": "/sessions/stay-and-play-12-january",
        "latitude": 50.8071,
        "longitude": -1.8987,
    }
    return Said(**facts | changes)


def course() -> list[Said]:
    """Three dates, the last after the clocks went forward."""
    starts = [utc(2027, 3, 16, 10), utc(2027, 3, 23, 10), utc(2027, 4, 13, 9)]
    return [
        said(
            session_id=UUID(int=20 + n),
            title="Incredible Years: Toddlers",
            starts_at=at,
            ends_at=at.replace(hour=at.hour + 2),
        )
        for n, at in enumerate(starts)
    ]


def hostile() -> Said:
    """300 characters with emoji, quotes, line ends and right-to-left text."""
    title = '🎈 "Stay"; play, \\n <b>now</b> \r\nBEGIN:VALARM\u202e مرحبا ' + "very long " * 25
    return said(
        title=title[:300], place="Hall\r\nATTENDEE:mailto:x@y.example, Town", host="O'Neil; DROP", bring="a,b;c"
    )


def discreet(**changes) -> Said:
    """Restricted: what must never be said is filled in, to see that it is not."""
    return said(
        title="Freedom Programme", place="Secret House, Hidden Lane", host="Kim Secret", is_discreet=True, **changes
    )


def facts(session: Said, **changes) -> dict:
    known = {
        "said": session,
        "name": "Jo",
        "token": "h7Kq2mXw9TfA_bQ4",
        "offer_token": "o7Kq2mXw9TfA_bQ4",
        "until": utc(2027, 1, 8, 15),
        "marker": "x7k2p9",
        "people": "You and Ada",
        "creche": "",
        "is_first_visit": False,
        "catch_ups": [],
        "is_creche_free": False,
        "missed_at": utc(2027, 1, 5, 10),
        "is_waiting": False,
        "decide_by": "Tuesday 5 January",
        "booked": 4,
        "needed": 6,
        "page_path": "/staff/runs/1234/decide",
        "reference": "KQ7-4MD",
        "reason": "The heating has broken down.",
        "alternatives_path": "/?hub=ferndown",
        "code": "123456",
        "minutes": 10,
        "is_over": False,
        "is_make_up": False,
        "gists": ["Stay and play, Tue 12 Jan 10am: off", "Baby massage: now Wed 13 Jan 1pm"],
        "choices": ["Stay and play", "Baby massage"],
        "times": [utc(2027, 1, 12, 10), utc(2027, 1, 13, 13)],
        "words": "Please bring a towel.\n\nThe pool is open again.",
        "subject": "Bring a towel",
        "about_words": "Stay and play, Tuesday 12 January",
    }
    return known | changes

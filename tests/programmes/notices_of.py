"""Writes a notice to the families of a session, and looks at what became of it."""

from booking import db
from booking.programmes.notices import notice_lists, sending_notices
from booking.programmes.notices.finding_about import find_about
from booking.programmes.notices.notice_words import Typed
from tests import make
from tests.programmes.test_notices_audience import who

ADMIN = who("county_admin")
WORDS = "The car park is closed on Tuesday. Please park at the library."
NOON = "2027-01-12T12:00:00Z"


async def booked(session, n: int = 3, **values) -> list:
    return [(await make.booking(session, await make.person(**values))).person for _ in range(n)]


async def write(session, *, kind="session", by=ADMIN, token="once", undo_minutes=10, **typed):
    about = await find_about(by, kind, session.id)
    assert about
    words = {"sms": WORDS, "mail": "A longer letter.\n\nWith a second paragraph.", "subject": "Parking"} | typed
    return await sending_notices.send(
        about, about.audience(), Typed(**words), form_token=token, by=by, undo_minutes=undo_minutes
    )


async def look(session, *, by=ADMIN, kind="session", **typed):
    about = await find_about(by, kind, session.id)
    assert about
    return await sending_notices.preview(about, about.audience(), Typed(**({"sms": WORDS} | typed)), by=by)


async def messages(**where) -> list[dict]:
    found = await db.rows("SELECT * FROM message WHERE kind = 'notice' ORDER BY id")
    return [row for row in found if all(row[name] == value for name, value in where.items())]


async def figures(notice_id):
    return (await notice_lists.find_one(ADMIN, notice_id))["figures"]

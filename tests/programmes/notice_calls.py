"""How tests/test_trail.py calls what staff do with a notice to many."""

from booking.programmes.notices import sending_notices
from booking.programmes.notices.finding_about import find_about
from booking.programmes.notices.notice_words import Typed
from tests import make


async def _send(session, by):
    await make.booking(session)
    about = await find_about(by, "session", session.id)
    assert about
    return await sending_notices.send(about, about.audience(), Typed(sms="Bring a coat."), form_token="once", by=by)


async def _undo(session, by):
    await sending_notices.undo(notice_id=(await _send(session, by)).notice_id, by=by)


async def _send_now(session, by):
    await sending_notices.send_now(notice_id=(await _send(session, by)).notice_id, by=by)


CALLS = {
    "sending_notices.send": ("send notice", lambda s, r, by: _send(s, by)),
    "sending_notices.undo": ("undo send notice", lambda s, r, by: _undo(s, by)),
    "sending_notices.send_now": ("send now", lambda s, r, by: _send_now(s, by)),
}
LOOKING = {"sending_notices.preview"}

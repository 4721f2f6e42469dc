"""How tests/test_trail.py calls what staff do with one message, with calls, and with the words of messages."""

from booking.messages import calls, kept_words, sending_again
from booking.messages.wording import Words
from tests import make
from tests.staff import rows

TEXT = ("confirmation", "sms", "en", False)
OWN_WORDS = Words("", "{hub}: you have a place. {title}, {start}. {link}")
COUNTY_WIDE = {"change wording", "shipped wording again"}
"""Words are the county's, not one hub's."""
LOOKING = {"testing_words.send_test"}
"""A test to oneself changes nothing, and stands in the outbox."""


async def _send_again(session, by):
    failed = await rows.message(hub_id=session.hub_id, state="failed", error_code="30007", marker="abcdef")
    await sending_again.send_again(failed.id, by=by)


async def _take_back(session, by):
    message = await rows.message(hub_id=session.hub_id)
    await sending_again.take_back(message.id, why="Wrong date", by=by)
    return message


async def _put_back(session, by):
    message = await _take_back(session, by)
    await sending_again.put_back(message.id, by=by)


async def _settle(session, by):
    family = await make.person(channel="call")
    call = await rows.message(channel="call", kind="cancellation", hub_id=session.hub_id, person_id=family.id)
    await calls.settle(call.id, by, "spoke")


async def _keep(by):
    await kept_words.keep(*TEXT, OWN_WORDS, seen=None, by=by)


async def _back(by):
    await _keep(by)
    [kept] = await kept_words.versions(*TEXT)
    await kept_words.back_to_shipped(*TEXT, seen=kept.id, by=by)


CALLS = {
    "sending_again.send_again": ("send message again", lambda s, r, by: _send_again(s, by)),
    "sending_again.take_back": ("take message back", lambda s, r, by: _take_back(s, by)),
    "sending_again.put_back": ("put message back", lambda s, r, by: _put_back(s, by)),
    "calls.settle": ("rang family", lambda s, r, by: _settle(s, by)),
    "kept_words.keep": ("change wording", lambda s, r, by: _keep(by)),
    "kept_words.back_to_shipped": ("shipped wording again", lambda s, r, by: _back(by)),
}

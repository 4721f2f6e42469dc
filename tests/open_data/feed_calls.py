"""How tests/test_trail.py calls the verbs of feeds."""

from booking.open_data import feeds


async def _make(session, by):
    return await feeds.make_link(kind="location", about_id=session.location_id, sees="all", words="", by=by)


async def _revoke(session, by):
    link_id, _ = await _make(session, by)
    await feeds.revoke_link(link_id=link_id, by=by)


CALLS = {
    "feeds.make_link": ("make calendar link", lambda s, r, by: _make(s, by)),
    "feeds.revoke_link": ("revoke calendar link", lambda s, r, by: _revoke(s, by)),
}

import pytest

from booking import db, settings
from booking.messages import hours, sender
from tests.conftest import drop_database, make_database
from tests.standins import keys
from tests.standins.mail import MailStandIn
from tests.standins.notify import NotifyStandIn
from tests.standins.twilio import TwilioStandIn


@pytest.fixture(autouse=True)
def hub(monkeypatch):
    """The sender of the stored texts: a real council's name and address are about this long. No hour is quiet, because these
    tests run at any."""
    loaded = settings.load(environment=keys.ENVIRONMENT)
    loaded = loaded.with_("site", base_url="https://hubs.dorset.example").with_(
        "messages", mail_from="hubs@dorset.example", quiet_from_hour=8, quiet_to_hour=8
    )
    monkeypatch.setattr(sender, "_sender", None)  # and put back afterwards
    monkeypatch.setattr(hours, "_county", hours.county())
    sender.use(loaded)
    return loaded


@pytest.fixture
def sending(hub):
    """The hub's settings with the stand-ins as providers: `sending(provider, mail)`; without one, that channel is off."""

    def configure(provider=None, mail=None):
        changed = hub.with_("messages", timeout_seconds=2)
        if provider:
            changed = changed.with_("messages", **provider.settings())
        if mail:
            changed = changed.with_("messages", mail_host="127.0.0.1", mail_port=mail.port, mail_security="none")
        return changed

    return configure


@pytest.fixture(scope="module")
async def own_database(shared_database, tmp_path_factory):
    """A database really written to, for the tests of one file; each empties it (`emptied`)."""
    await db.close_database()
    own = await make_database(tmp_path_factory.mktemp("messages"))
    await db.open_database(own)
    yield own
    await db.close_database()
    await drop_database(own)
    await db.open_database(shared_database)


EMPTIED = (
    *(
        "delivery_report",
        "pace",
        "message",
        "invite",
        "tick",
        "reminder",
        "missed_date",
        "attendance",
        "attendee",
        "booking",
        "lease",
    ),
    *("session", "run", "programme", "location", "child", "person", "family"),
)


@pytest.fixture
async def emptied(own_database):
    for table in EMPTIED:
        await db.execute(f"DELETE FROM {table}")
    return own_database


@pytest.fixture
async def twilio():
    async with TwilioStandIn() as stand_in:
        yield stand_in


@pytest.fixture
async def notify_service():
    async with NotifyStandIn() as stand_in:
        yield stand_in


@pytest.fixture(params=[TwilioStandIn, NotifyStandIn], ids=["twilio", "notify"])
async def provider(request):
    """Each provider of SMS in turn: what is promised holds for both."""
    async with request.param() as stand_in:
        yield stand_in


@pytest.fixture
async def host():
    async with MailStandIn() as stand_in:
        yield stand_in

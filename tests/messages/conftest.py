import pytest

from booking import settings
from booking.messages import sender


@pytest.fixture(autouse=True)
def hub():
    """The sender of the stored texts: a real council's name and address are about this long."""
    loaded = settings.load(environment={"BOOKING_SMS_AUTH_TOKEN": "secret"})
    loaded = loaded.with_("site", base_url="https://hubs.dorset.example").with_(
        "messages", mail_from="hubs@dorset.example"
    )
    sender.use(loaded)
    return loaded


@pytest.fixture
def sending(hub):
    """The hub's settings with the stand-ins as providers: `sending(twilio, mail)`; without one, that channel is off."""

    def configure(twilio=None, mail=None):
        changed = hub.with_("messages", timeout_seconds=2)
        if twilio:
            changed = changed.with_(
                "messages", sms_base_url=twilio.url, sms_account_sid=twilio.account, sms_sender="FamilyHubs"
            )
        if mail:
            changed = changed.with_("messages", mail_host="127.0.0.1", mail_port=mail.port, mail_security="none")
        return changed

    return configure

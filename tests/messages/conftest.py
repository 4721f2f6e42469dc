import pytest

from booking import settings
from booking.messages import sender


@pytest.fixture(autouse=True)
def from_the_hub():
    """The sender of the stored texts: a real council's name and address are about this long."""
    loaded = settings.load(environment={})
    sender.use(
        loaded.with_("site", base_url="https://hubs.dorset.example").with_("messages", mail_from="hubs@dorset.example")
    )

"""What the journeys share: a look at every page on the way, and acts of families and staff that several of them need."""

from dataclasses import dataclass, field

import pytest
from playwright.async_api import expect

from tests.browser.test_booking_by_parents import say_who
from tests.browser.the_site import Site
from tests.browser.visitor import DESKTOP, PHONE, Visitor

BOTH_WAYS = pytest.mark.parametrize(
    ("size", "scripts"), [(PHONE, True), (DESKTOP, False)], ids=["phone", "desktop-no-scripts"]
)
"""Each width once and each way once: four walks of a long journey would tell little more."""
LATER_WAYS = pytest.mark.parametrize(
    ("size", "scripts"), [(DESKTOP, True), (PHONE, False)], ids=["desktop", "phone-no-scripts"]
)


@dataclass
class Looks:
    """Every page on the way is looked at; `found` are the problems by name of the page."""

    found: dict[str, list[str]] = field(default_factory=dict)

    async def at(self, visitor: Visitor, name: str) -> None:
        """A picture, and what axe and the widths say."""
        await visitor.picture(f"{name}{'' if visitor.scripts else '-no-scripts'}", whole=True)
        if problems := await visitor.problems_of_this_page():
            self.found[name] = problems


async def book_with_creche(parent: Visitor, slug: str, phone: str, mail: str = "") -> str:
    """A family of two books the whole course, the child needs the creche; returns the path of its own page."""
    await parent.go(f"/courses/{slug}")
    await parent.click("Book the whole course")
    await parent.heading("Who is coming?")
    await parent.page.get_by_label("Needs a crèche place").check()
    await parent.fill("Email address", mail)
    await say_who(parent, phone)
    await parent.click("Book ")
    await expect(parent.page.locator(".govuk-panel--confirmation")).to_contain_text("Your reference")
    return manage_path(parent.site, phone)


def number_of(phone: str) -> str:
    """As it stands in the database and on phones: +447700900123."""
    return "+44" + phone.replace(" ", "")[1:]


def manage_path(site: Site, phone: str) -> str:
    """The page of the newest booking of who has this number."""
    [found] = site.rows(
        "SELECT b.manage_token FROM booking b JOIN person p ON p.id = b.person_id WHERE p.phone = :number"
        " ORDER BY b.created_at DESC LIMIT 1",
        number=number_of(phone),
    )
    return f"/m/{found['manage_token']}"

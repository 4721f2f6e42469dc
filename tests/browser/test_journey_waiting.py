"""A place given up goes to the next in line by text: through the provider's client to its stand-in, answered by signed texts."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from tests.browser.journeys import Looks, manage_path
from tests.browser.test_booking_by_parents import book, say_who
from tests.browser.texting import PATIENCE, county_that_texts, replies, text_to
from tests.browser.the_site import Site
from tests.browser.visitor import DESKTOP, PHONE, Visitor
from tests.standins.twilio import TwilioStandIn

GIVER, FIRST, SECOND, THIRD = [f"07700 900 57{n}" for n in range(4)]
STATES = (
    "SELECT w.state FROM waiting_entry w JOIN person p ON p.id = w.person_id WHERE w.session_id = :session"
    " ORDER BY w.created_at"
)
OFFERED = (
    "SELECT o.token FROM offer o JOIN waiting_entry w ON w.id = o.entry_id JOIN person p ON p.id = w.person_id"
    " WHERE p.phone = :number"
)


async def states_are(site: Site, session: dict[str, Any], *wanted: str) -> None:
    found: list[str] = []
    for _ in range(10 * PATIENCE):
        found = [row["state"] for row in site.rows(STATES, session=session["id"])]
        if found == list(wanted):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{found} is not {wanted}")


async def wait_in_line(parent: Visitor, session: dict[str, Any], phone: str, name: str) -> None:
    await parent.go(f"/sessions/{session['id']}")
    await parent.click("Join the waiting list")
    await say_who(parent, phone, name)
    await parent.click("Join the waiting list")
    await parent.sees("On the waiting list")


async def give_up(parent: Visitor, phone: str) -> None:
    await parent.go(manage_path(parent.site, phone))
    await parent.click("Give up my place", "link")
    await parent.click("Give up my place")
    await parent.sees("You gave this place up")


@pytest.fixture
async def twilio() -> AsyncIterator[TwilioStandIn]:
    async with TwilioStandIn() as standing_in:
        yield standing_in


async def test_a_cancelled_place_is_filled_from_the_waiting_list_by_text(visit, staff, site, twilio, tmp_path):
    """On phones with scripts and on desktops without, in one line: it is one story."""
    looks, session = Looks(), site.session()
    member = await staff("ruth@county.example")
    async with county_that_texts(tmp_path, site, twilio) as county:
        ways = [(PHONE, True), (PHONE, True), (DESKTOP, False), (PHONE, False)]
        families = [replace(await visit(size, scripts=scripts), site=county) for size, scripts in ways]
        giver, first, second, third = families
        await book(giver, session, GIVER)
        county.fill(session["id"])
        for parent, phone, name in (
            (first, FIRST, "Amy Bell"),
            (second, SECOND, "Ben Cole"),
            (third, THIRD, "Cat Dunn"),
        ):
            await wait_in_line(parent, session, phone, name)
        await looks.at(second, "wait-in-line")
        await give_up(giver, GIVER)
        await the_first_says_yes(first, looks, county, session, twilio)
        desk = replace(member, site=county)
        await seen_by_staff(desk, looks, session)
        await give_up(first, FIRST)
        await the_second_says_no(second, looks, county, session, twilio)
        await text_to(twilio, THIRD, "a place!")
        await states_are(county, session, "booked", "left", "offered")
    assert twilio.doubled == []
    assert looks.found == {}


async def the_first_says_yes(
    parent: Visitor, looks: Looks, county: Site, session: dict[str, Any], twilio: TwilioStandIn
) -> None:
    asked = (await text_to(twilio, FIRST, "a place!"))["body"]
    assert "Reply YES or NO" in asked
    await states_are(county, session, "offered", "waiting", "waiting")
    await parent.go(asked.rsplit(" ", 1)[1])
    await looks.at(parent, "wait-offer")
    await replies(county, FIRST, "YES", "SMyes")
    await states_are(county, session, "booked", "waiting", "waiting")
    await parent.page.reload()
    await looks.at(parent, "wait-taken")
    await parent.go(manage_path(county, FIRST))
    await parent.sees("You have a place")


async def seen_by_staff(member: Visitor, looks: Looks, session: dict[str, Any]) -> None:
    await member.go("/staff/waiting")
    await looks.at(member, "wait-lists")
    await member.go(f"/staff/waiting/sessions/{session['id']}")
    await member.sees("2 waiting")
    await member.sees("Ben Cole")
    await looks.at(member, "wait-list")


async def the_second_says_no(
    parent: Visitor, looks: Looks, county: Site, session: dict[str, Any], twilio: TwilioStandIn
) -> None:
    """The third is asked; the link of the second takes no place any more and says so."""
    asked = (await text_to(twilio, SECOND, "a place!"))["body"]
    await replies(county, SECOND, "No thanks", "SMno")
    await text_to(twilio, SECOND, "off the list")
    await parent.go(asked.rsplit(" ", 1)[1])
    await looks.at(parent, "wait-dead-link")
    assert await parent.page.get_by_role("button", name="Yes, I take the place").count() == 0

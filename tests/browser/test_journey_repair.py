"""A sick call to a filled duty by SMS, through the provider's stand-in and its signed hook back to us."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from playwright.async_api import expect

from tests.browser.conftest import sign_in_as
from tests.browser.journeys import Looks, number_of
from tests.browser.texting import Texting, texting_county
from tests.browser.visitor import PHONE, Visitor

TOM = "tom@ferndown.example"
FIRST, SECOND, THIRD = [f"07700 900 59{n}" for n in range(3)]
DUTIES = (
    "SELECT a.staff_id, f.known_as, s.id, s.date, s.start_time FROM assignment a JOIN shift s ON s.id = a.shift_id JOIN staff_profile f"
    " ON f.id = a.staff_id JOIN location h ON h.id = s.hub_id WHERE a.layer = 'published' AND h.name LIKE 'Ferndown%' AND s.kind = 'cover' AND s.skills = ''"
    " AND f.hub_id = s.hub_id AND f.known_as <> 'Tom Whitlock' AND s.date > date('now', '+1 day') ORDER BY s.starts_at, s.id"
)


@pytest.fixture(scope="module")
async def county(site, browser, staff_state, tmp_path_factory) -> AsyncIterator[Texting]:
    folder = tmp_path_factory.mktemp("county")
    if TOM not in staff_state:
        context = await browser.new_context(locale="en-GB")
        await sign_in_as(Visitor(site, context, await context.new_page(), folder), TOM)
        staff_state[TOM] = await context.storage_state()
        await context.close()
    async with texting_county(folder, site) as running:
        yield running


def there(visitor: Visitor, county: Texting) -> Visitor:
    return replace(visitor, site=county.site)


async def test_a_sick_call_becomes_a_filled_duty_by_text(visit, staff, county):
    looks, desk = Looks(), there(await staff(TOM), county)
    duty = county.site.rows(DUTIES)[0]
    await somebody_is_ill(desk, looks, duty)
    shift_id, asked = await three_are_asked(desk, looks, county, duty)
    await the_first_yes_has_it(desk, looks, county, shift_id, asked)
    await a_late_yes_and_a_link(there(await visit(PHONE, scripts=False), county), looks, county, shift_id, asked)
    assert looks.found == {}


async def somebody_is_ill(desk: Visitor, looks: Looks, duty: dict) -> None:
    await desk.go("/staff/rota/cover")
    await desk.click("Somebody is ill", "button")
    await desk.page.get_by_label("Who").select_option(str(duty["staff_id"]))
    for label in ("First day", "Last day, as far as they know"):
        await desk.page.get_by_label(label).fill(duty["date"])
    await desk.click("Show what would be open")
    await expect(desk.page.get_by_role("heading", name="would be open")).to_be_visible()
    await looks.at(desk, "ill")
    await desk.page.get_by_role("button", name="Write it down and open").click()
    await desk.heading(f"{duty['known_as']} is ill")
    await expect(desk.page.get_by_text(f"instead of {duty['known_as']}").first).to_be_visible()
    await looks.at(desk, "repair-proposed")


async def three_are_asked(desk: Visitor, looks: Looks, county: Texting, duty: dict) -> tuple[str, list[str]]:
    """The shift, and who was asked with the phones FIRST, SECOND and THIRD."""
    await desk.go(f"/staff/rota/cover?shift={duty['id']}")
    card = desk.page.locator(".cover__one")
    await expect(card.get_by_text("Nobody does it.")).to_be_visible()
    ticks = await card.locator("input[name=staff]:checked").evaluate_all("ticks => ticks.map(each => each.value)")
    assert len(ticks) == 3, "the nearest few are ticked"
    for id, phone in zip(ticks, (FIRST, SECOND, THIRD), strict=True):
        county.site.rows(
            "UPDATE person SET phone = :phone, channel = 'sms', phone_state = 'ok', safe_from = '', safe_to = '', safe_days = ''"
            " WHERE id = (SELECT person_id FROM staff_profile WHERE id = :id)",
            phone=number_of(phone), id=id,
        )  # fmt: skip
    await looks.at(desk, "cover-board")
    await card.get_by_role("button", name="Ask those ticked").click()
    await desk.sees("3 people are asked")
    for phone in (FIRST, SECOND, THIRD):
        assert "Reply YES or NO" in (await county.text_to(phone, "can you take"))["body"]
    return duty["id"], ticks


async def the_first_yes_has_it(desk: Visitor, looks: Looks, county: Texting, shift_id: str, asked: list[str]) -> None:
    await county.writes(THIRD, "No sorry", "SMcover0")
    await county.writes(SECOND, "Yes", "SMcover1")
    await county.text_to(SECOND, "Yours now")
    await county.text_to(FIRST, "is taken now. Thank you")
    rows = county.site.rows("SELECT layer, staff_id FROM assignment WHERE shift_id = :id ORDER BY layer", id=shift_id)
    assert [(row["layer"], row["staff_id"]) for row in rows] == [("draft", asked[1]), ("published", asked[1])]
    await expect(desk.page.locator(".cover__filled")).to_contain_text("has it.", timeout=30_000)
    await looks.at(desk, "cover-filled")


async def a_late_yes_and_a_link(phone: Visitor, looks: Looks, county: Texting, shift_id: str, asked: list[str]) -> None:
    await county.writes(FIRST, "YES", "SMcover2")
    await county.text_to(FIRST, "is not free any more")
    [row] = county.site.rows(
        "SELECT token FROM cover_ask WHERE staff_id = :id AND shift_id = :shift", id=asked[0], shift=shift_id
    )
    await phone.go(f"/duties/ask/{row['token']}")
    await phone.sees("Thank you for being ready to help")
    await looks.at(phone, "cover-link")

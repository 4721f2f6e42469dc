"""The place is closed on a Wednesday and opened again, a hall divided and made one again: on a phone and without scripts too."""

from datetime import date

import pytest
from playwright.async_api import expect

from tests.browser.test_staff import SCRIPTS
from tests.browser.visitor import DESKTOP, PHONE

AT = "SELECT id FROM location WHERE name LIKE 'Ferndown%' AND kind = 'hub'"


def a_wednesday_with_sessions(site) -> date:
    found = site.rows(
        "SELECT MIN(s.date) AS day FROM session s WHERE s.state = 'planned' AND s.starts_at > datetime('now', '+15 days')"
        f" AND s.weekday = 2 AND s.location_id IN ({AT})"
    )
    return date.fromisoformat(found[0]["day"])


async def problems_of(visitor, *, scripts: bool) -> list[str]:
    """What the checker of accessibility finds; it is a script itself."""
    size = visitor.page.viewport_size
    found = await visitor.problems_of_this_page() if scripts else []
    await visitor.width(size["width"], size["height"])
    return found


def closed(site) -> int:
    return site.rows("SELECT COUNT(*) AS n FROM closure")[0]["n"]


@SCRIPTS
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_the_place_is_closed_on_a_wednesday_and_that_is_undone(staff, site, size, scripts):
    tom = await staff(size=size, scripts=scripts)
    day, before = a_wednesday_with_sessions(site), closed(site)
    place = site.rows(AT)[0]["id"]
    await tom.go(f"/staff/places/{place}")
    await tom.page.locator("#closures").get_by_role("link").click()
    await tom.heading("Close Ferndown Family Hub")
    await tom.page.get_by_label("From").first.fill(day.isoformat())
    await tom.page.get_by_label("Staff training").check()
    found = {"form": await problems_of(tom, scripts=scripts)}
    await tom.click("See what is in the way")
    await tom.heading("Close Ferndown Family Hub?")
    await tom.sees("Sessions for families")
    found["preview"] = await problems_of(tom, scripts=scripts)
    await tom.picture("closing", whole=True)
    first = tom.page.locator(".closing-use").first
    await first.get_by_label("Keep").check()
    await tom.click("Show with these answers")
    await tom.sees("the closure goes around")
    await tom.page.get_by_role("button", name="Cancel", exact=True).click()
    await expect(first.get_by_label("Cancel")).to_be_checked()
    await tom.click("Close it")
    await tom.heading("Closed: Ferndown Family Hub")
    await tom.sees("What became of the sessions")
    assert closed(site) == before + 1
    await tom.picture("closed", whole=True)
    found["closed"] = await problems_of(tom, scripts=scripts)
    await tom.click("Undo: it stays open")
    await tom.sees("Nobody heard of it")
    assert closed(site) == before
    assert not {name: problems for name, problems in found.items() if problems}


@SCRIPTS
async def test_for_snow_two_places_close_at_once_and_a_session_moves(staff, site, scripts):
    tom = await staff(size=PHONE, scripts=scripts)
    day, before = a_wednesday_with_sessions(site), closed(site)
    await tom.go(f"/staff?date={day}")
    await tom.click("Close places", "link")
    await tom.heading("Close places")
    await tom.page.get_by_label("Ferndown Family Hub", exact=True).check()
    await tom.page.get_by_label("Verwood Library").check()
    await tom.page.get_by_label("No heating").check()
    found = {"form": await problems_of(tom, scripts=scripts)}
    await tom.click("See what is in the way")
    await tom.heading("Close Ferndown Family Hub, Verwood Library?")
    name = await tom.page.locator('[value="move"]:checked').first.get_attribute("name")
    moving = tom.page.locator(".closing-use").filter(has=tom.page.locator(f'[name="{name}"]'))
    await expect(moving.get_by_label("Free at the same time")).to_be_visible()
    await moving.get_by_label("Cancel").check()
    await expect(moving.locator(".closing-use__room")).to_be_hidden()
    await tom.page.get_by_label("Tell everybody now").check()
    found["preview"] = await problems_of(tom, scripts=scripts)
    await tom.click("Close them")
    await tom.heading("Closed: Ferndown Family Hub, Verwood Library")
    assert closed(site) == before + 2
    await tom.click("Undo: it stays open")
    await tom.sees("It is open as before")
    assert closed(site) == before
    assert not {name: problems for name, problems in found.items() if problems}


@SCRIPTS
async def test_a_hall_is_divided_and_made_one_again(staff, site, scripts):
    tom = await staff(size=PHONE, scripts=scripts)
    hall = site.rows(f"SELECT id FROM room WHERE name = 'Main hall' AND location_id IN ({AT})")[0]["id"]
    await tom.go(f"/staff/rooms/{hall}")
    await tom.click("Divide it, or join it with others", "link")
    await tom.heading("Divide or join Main hall")
    found = {"form": await problems_of(tom, scripts=scripts)}
    for end, name in (("", "Garden side"), ("-1", "Street side")):
        await tom.page.locator(f"#name{end}").fill(name)
        await tom.page.locator(f"#capacity{end}").fill("15")
    await tom.click("See what will happen")
    await tom.heading("Divide Main hall?")
    found["preview"] = await problems_of(tom, scripts=scripts)
    await tom.sees("stay at the same time, held on the new parts")
    await tom.picture("dividing", whole=True)
    await tom.click("Divide it")
    await tom.sees("Main hall is divided into Garden side and Street side")
    parts = site.rows("SELECT part_id FROM room_part WHERE whole_id = :hall", hall=hall)
    assert len(parts) == 2
    await tom.go(f"/staff/rooms/{hall}/divide")
    await tom.click("One room again, without parts")
    await tom.sees("can no longer be booked")
    await tom.click("Make it one room")
    await expect(tom.main()).to_contain_text("Main hall")
    assert site.rows("SELECT part_id FROM room_part WHERE whole_id = :hall", hall=hall) == []
    assert not {name: problems for name, problems in found.items() if problems}

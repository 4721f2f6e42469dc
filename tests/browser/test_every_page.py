"""Every page at every width: nothing for axe to find, nothing wider than the screen, nothing the browser complains of."""

import pytest

from tests.browser.in_rooms import GROUP, HALL, room_of
from tests.browser.test_booking_by_parents import book, say_who
from tests.browser.the_site import AT_FERNDOWN
from tests.browser.visitor import PHONE

A_RUN_OF_FERNDOWN = (
    "SELECT r.id FROM run r JOIN location h ON h.id = r.hub_id WHERE h.name LIKE 'Ferndown%' AND r.booking_mode = 'run'"
    " AND r.state = 'published' AND NOT r.is_restricted ORDER BY r.taken DESC LIMIT 1"
)

PUBLIC = {
    "what's on": "/",
    "what's on near a postcode": "/?near=BH22+9TH&age=24&booked=book",
    "a week": "/?view=week&near=BH22+9TH",
    "nothing found": "/?near=BH22+9TH&words=xyzzy",
    "an unknown place": "/?near=Atlantis",
    "hubs": "/hubs",
    "hubs near a postcode": "/hubs?near=BH22+9TH&show=all",
    "hubs near nowhere": "/hubs?near=Atlantis",
    "a hub": "/places/ferndown-family-hub",
    "a place of before": "/places/buckland-newton-village-hall",
    "my booking": "/manage/ask",
    "partners": "/partners",
    "accessibility": "/accessibility",
    "privacy": "/privacy",
    "safety": "/safety",
    "a page that is not there": "/nowhere",
    "staff sign-in": "/staff/sign-in",
}
STAFF = {
    "today": "/staff",
    "tomorrow": "/staff?date=tomorrow",
    "sessions": "/staff/sessions",
    "outbox": "/outbox",
    "notices": "/staff/notices",
    "a notice to whom": "/staff/notices/new",
    "texts": "/staff/texts?show=all",
    "people": "/staff/people?q=Freya",
    "figures of messages": "/staff/messages",
    "wording": "/staff/wording?language=ar",
    "words of a text": "/staff/wording/ur/reminder_days/sms",
    "audit": "/staff/audit",
    "diary of today": "/staff/diary",
    "diary by week": "/staff/diary?view=week",
    "diary as a table": "/staff/diary?as=table",
}


async def test_the_checks_find_what_is_wrong(visit):
    reader = await visit(PHONE)
    await reader.go("/privacy")
    await reader.page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=\"/static/x.png\"><p>' + 'm'.repeat(90))"
    )
    found = " ".join(await reader.problems_of_this_page())
    assert "image-alt" in found and "wide on a screen of 320" in found


@pytest.mark.parametrize("path", PUBLIC.values(), ids=PUBLIC.keys())
async def test_a_public_page_is_fit_for_everybody(visit, path):
    reader = await visit(PHONE)
    await reader.go(path)
    assert await reader.problems_of_this_page() == []


@pytest.mark.parametrize("mode", ["session", "drop_in", "run", "appointment"])
async def test_a_session_page_is_fit_for_everybody(visit, site, mode):
    [found] = site.rows(
        "SELECT s.id FROM session s JOIN run r ON r.id = s.run_id WHERE s.is_listed AND s.state = 'planned' AND"
        " r.booking_mode = :mode AND s.starts_at > datetime('now', '+2 days') ORDER BY s.starts_at LIMIT 1",
        mode=mode,
    )
    reader = await visit(PHONE)
    await reader.go(f"/sessions/{found['id']}")
    assert await reader.problems_of_this_page() == []


async def test_a_discreet_session_has_a_way_out(visit, site):
    [found] = site.rows(
        "SELECT s.id FROM session s JOIN run r ON r.id = s.run_id JOIN programme p ON p.id = r.programme_id"
        " WHERE p.is_discreet AND s.is_listed ORDER BY s.starts_at DESC LIMIT 1"
    )
    reader = await visit(PHONE)
    await reader.go(f"/sessions/{found['id']}")
    assert await reader.page.get_by_role("button", name="Exit this page").count() == 1
    assert await reader.problems_of_this_page() == []


async def test_every_screen_of_a_booking_is_fit_for_everybody(visit, site):
    parent = await visit(PHONE)
    await parent.go(f"/sessions/{site.session()['id']}")
    await parent.click("Book a place")
    found = {"who": await parent.problems_of_this_page("Who is coming?")}
    await parent.click("Continue")
    await parent.sees("Please check these")
    found["who, with problems"] = await parent.problems_of_this_page()
    await say_who(parent, "07700 900 601")
    found["check"] = await parent.problems_of_this_page("Check and confirm")
    await parent.click("Book ")
    found["confirmed"] = await parent.problems_of_this_page("booked")
    await parent.click("Change who is coming", "link")
    await parent.page.wait_for_url("**/who")
    found["change who"] = await parent.problems_of_this_page()
    await parent.page.go_back()
    await parent.click("Give up my place", "link")
    found["give up"] = await parent.problems_of_this_page("Give up your place?")
    await parent.click("Give up my place")
    await parent.sees("You gave this place up")
    found["given up"] = await parent.problems_of_this_page()
    await parent.go("/manage")
    found["my bookings"] = await parent.problems_of_this_page("My bookings")
    assert {screen: problems for screen, problems in found.items() if problems} == {}


async def test_the_pages_of_a_no_are_fit_for_everybody(visit, site):
    parent, found = await visit(PHONE), {}
    course = site.session("run", months=6, where="s.run_id IN (SELECT id FROM run WHERE max_age_months < 24)")
    await parent.go(f"/courses/{course['slug']}")
    found["course"] = await parent.problems_of_this_page()
    await parent.click("Book the whole course")
    await say_who(parent, "07700 900 602")
    found["wrong age"] = await parent.problems_of_this_page("This one is for other ages")
    full = site.session()
    await parent.go(f"/sessions/{full['id']}")
    site.fill(full["id"])
    await parent.click("Book a place")
    found["full"] = await parent.problems_of_this_page("All places are taken")
    await parent.click("Join the waiting list")
    found["waiting list"] = await parent.problems_of_this_page("Join the waiting list")
    assert {screen: problems for screen, problems in found.items() if problems} == {}


async def test_the_code_page_is_fit_for_everybody(visit, site):
    await book(await visit(PHONE), site.session(), "07700 900 603")
    parent = await visit(PHONE)
    await parent.go("/manage/ask")
    await parent.fill("Your mobile number or email address", "07700900603")
    await parent.click("Send me a code")
    assert await parent.problems_of_this_page("Enter the code") == []


@pytest.mark.parametrize("path", STAFF.values(), ids=STAFF.keys())
async def test_a_staff_page_is_fit_for_everybody(staff, path):
    member = await staff()
    await member.go(path)
    assert await member.problems_of_this_page() == []


async def test_staffs_pages_about_rooms_are_fit_for_everybody(staff, site):
    hall, one = room_of(site, HALL), partners_booking(site, "b.state = 'confirmed'")
    place, booking = f"/staff/places/{hall['location_id']}", f"/staff/rooms/bookings/{one['id']}"
    asks = f"date={one['date']}&start=13:00&people=6"
    paths = [f"/staff/diary?{of}={hall['location_id']}&date={one['date']}" for of in ("location", "hub")]
    paths += [f"{paths[0]}&view=week", f"{paths[0]}&as=table", f"{paths[1]}&view=week", f"{paths[1]}&as=table"]
    paths += ["/staff/rooms/book", f"/staff/rooms/book?room={one['room_id']}&repeat=weekly&weekday=2&end=15:00&{asks}"]
    paths += ["/staff/rooms/find", f"/staff/rooms/find?{asks}&minutes=150&repeat=weekly&near=BH22+9TH"]
    paths += ["/staff/rooms/requests", "/staff/rooms/use", "/staff/feeds", "/staff/partners"]
    paths += [booking, f"{booking}/cancel", f"{booking}/swap", f"{place}/keyholders", f"{place}/doors"]
    paths += [f"{place}/close", f"/staff/rooms/{hall['id']}/divide", f"/staff/rooms/{hall['id']}/door"]
    assert await problems_of(await staff(), paths) == {}


async def test_staffs_pages_of_messages_are_fit_for_everybody(staff, site):
    paths = [
        f"{path}/{site.rows(sql + ' LIMIT 1')[0]['id']}"
        for path, sql in (
            ("/staff/texts", "SELECT id FROM inbound_message WHERE provider_reference LIKE 'demo-%' AND state = 'unclear'"),
            ("/staff/notices", "SELECT id FROM notice WHERE state = 'sent' ORDER BY id"),
            ("/outbox", f"SELECT m.id FROM message m JOIN session s ON s.id = m.session_id WHERE m.error_code = '30003' AND {AT_FERNDOWN}"),
            ("/staff/people", "SELECT id FROM person WHERE contact_words LIKE 'Hard of hearing%'"),
        )
    ]  # fmt: skip
    paths += [f"/staff/notices/new?about=run:{row['id']}" for row in site.rows(A_RUN_OF_FERNDOWN)]
    assert await problems_of(await staff(), paths) == {}
    assert (
        await problems_of(await staff("ruth@county.example"), ["/staff/jobs", "/staff/jobs/deliver%20messages"]) == {}
    )


async def test_a_familys_pages_of_messages_are_fit_for_everybody(visit, site):
    [told] = site.rows(
        "SELECT t.token, b.manage_token FROM also_told t JOIN booking b ON b.id = t.booking_id WHERE t.ended_at IS NULL"
        " ORDER BY t.id LIMIT 1"
    )
    of = f"/m/{told['manage_token']}"
    paths = [of, f"{of}/contact", f"{of}/tell", f"{of}/calendar-address", f"/t/{told['token']}"]
    assert await problems_of(await visit(PHONE), paths) == {}


async def test_finding_the_best_plans_is_fit_for_everybody(staff, site):
    wishes = "sent=1&minutes=120&sessions=14&people=14&creche_places=8&term_time_only=yes&weekday=1"
    paths = ["/staff/plan/find", f"/staff/plan/find?{wishes}", f"/staff/plan/find?{wishes}&near=BH22&people=many"]
    paths += [f"/staff/plan/find?{wishes}&location=county&earliest=19:00&latest=21:30"]
    assert await problems_of(await staff(), paths) == {}


async def test_partners_pages_about_rooms_are_fit_for_everybody(partner, site):
    one, missing = partners_booking(site, "b.state = 'confirmed'"), partners_booking(site, "b.state = 'missing'")
    asks = f"date={one['date']}&start=13:00&people=6"
    paths = ["/partner", "/partner/find", f"/partner/find?{asks}&minutes=150&repeat=weekly&near=BH22+9TH"]
    paths += ["/partner/reserve", f"/partner/reserve?room={one['room_id']}&end=15:00&{asks}", "/partner/calendar"]
    paths += [f"/partner/bookings/{one['id']}{page}" for page in ("", "/change", "/change?scope=all", "/cancel")]
    paths += [f"/partner/bookings/{missing['id']}", f"/partner/bookings/{missing['id']}/fill"]
    paths += [f"/partner/series/{one['series_id']}", f"/partner/reserve?like={one['series_id']}"]
    paths += ["/partner/statement", "/partner/terms"]
    assert await problems_of(await partner(), paths) == {}


def partners_booking(site, where: str) -> dict:
    """A coming date of the toy library, in a room of Ferndown."""
    found = site.rows(
        "SELECT b.id, b.series_id, b.room_id, date(b.starts_at) AS date FROM room_booking b JOIN room o ON o.id = b.room_id"
        f" WHERE b.title = 'Toy library' AND o.code = :code AND b.starts_at > datetime('now', '+2 days') AND {where}"
        " ORDER BY b.starts_at",
        code=GROUP,
    )
    return found[0]


async def problems_of(visitor, paths: list[str]) -> dict[str, list[str]]:
    """By path; each page must be there."""
    found = {}
    for path in paths:
        answer = await visitor.go(path)
        assert answer.status == 200, f"{answer.status} for {path}"
        found[path] = await visitor.problems_of_this_page()
    return {path: problems for path, problems in found.items() if problems}

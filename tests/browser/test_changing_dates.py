"""In one course a date moves, one is cancelled and one goes online, each after a look at who is told; families see it; undone."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.browser.visitor import DESKTOP, PHONE

WALKS = pytest.mark.parametrize(
    ("size", "scripts"),
    [(PHONE, True), (PHONE, False), (DESKTOP, True), (DESKTOP, False)],
    ids=["phone", "phone-no-scripts", "desktop", "desktop-no-scripts"],
)


def course(site) -> list[dict]:
    """The dates to come of a course with families, its own room, and four dates or more that nobody has changed."""
    soon = (datetime.now(UTC) + timedelta(days=3)).isoformat(" ")
    for run in site.rows(
        "SELECT id, slug FROM run WHERE booking_mode = 'run' AND taken > 1 AND room_id IS NOT NULL AND is_listed"
        " AND NOT is_restricted AND state = 'published' ORDER BY code"
    ):
        dates = site.rows(
            "SELECT id, number, start_time FROM session WHERE run_id = :id AND state = 'planned' AND starts_at > :soon"
            " AND edited = '' AND delivery = '' ORDER BY starts_at",
            id=run["id"], soon=soon,
        )  # fmt: skip
        if len(dates) >= 4:
            return [each | {"slug": run["slug"]} for each in dates]
    raise AssertionError("the demo has no such course")


def later(time: str) -> str:
    """Fifteen minutes later."""
    minutes = 60 * int(time[:2]) + int(time[3:5]) + 15
    return f"{minutes // 60:02}:{minutes % 60:02}"


async def do(ruth, session, page: str, button: str) -> None:
    """Looks at what will happen and does it."""
    await ruth.sees("What will happen")
    assert not await ruth.problems_of_this_page()
    await ruth.click(button)
    await ruth.sees("Undo")


async def undo(ruth, session) -> None:
    await ruth.go(f"/staff/sessions/{session['id']}")
    await ruth.click("Undo")
    await ruth.page.wait_for_load_state()


@WALKS
async def test_week_five_moves_week_six_is_cancelled_and_week_seven_goes_online(staff, site, size, scripts):
    ruth = await staff("ruth@county.example", size=size, scripts=scripts)
    moved, cancelled, online = course(site)[1:4]
    await ruth.go(f"/staff/sessions/{moved['id']}")
    await ruth.click("Change dates")
    await ruth.sees("Which dates?")
    assert not await ruth.problems_of_this_page()
    await ruth.click("Continue")
    start, end = later(moved["start_time"]), await ruth.page.locator("#end").input_value()
    await ruth.page.locator("#start").select_option(start)
    await ruth.page.locator("#end").select_option(end)
    assert not await ruth.problems_of_this_page()
    await ruth.click("See what")
    await do(ruth, moved, "change", "Change this date")
    try:
        await ruth.go(f"/staff/sessions/{cancelled['id']}/cancel?reason=leader&words=")
        await do(ruth, cancelled, "cancel", "Cancel this date")
        await ruth.go(f"/staff/sessions/{online['id']}/online")
        await ruth.fill("Link to join by", "https://meet.example/week-seven")
        assert not await ruth.problems_of_this_page()
        await ruth.click("See what")
        await ruth.picture("changing-online", whole=True)
        await do(ruth, online, "online", "Meet online")
        await ruth.go(f"/courses/{moved['slug']}")
        await ruth.sees("Cancelled")
        assert "meet.example" not in await ruth.page.content()
    finally:
        for each in (moved, cancelled, online):
            await undo(ruth, each)
    rows = site.rows(
        "SELECT state, start_time, delivery FROM session WHERE id IN (:a, :b, :c)",
        a=moved["id"], b=cancelled["id"], c=online["id"],
    )  # fmt: skip
    assert [(row["state"], row["delivery"]) for row in rows] == [("planned", "")] * 3

"""A manager publishes a rota, takes it back, publishes again and tells people at once; another who looked before is told who did."""

from playwright.async_api import expect

PUBLISHED = "SELECT COUNT(*) AS n FROM publication WHERE state = 'waits'"
WAITS = "SELECT COUNT(*) AS n FROM message WHERE kind = 'rota_published' AND state = 'queued'"


async def press_publish(visitor) -> None:
    """With a reason, where the page asks for one."""
    reason = visitor.page.get_by_label("Why it is published all the same")
    if await reason.count():
        await reason.fill("We know, and fill it this week")
    await visitor.page.get_by_role("button", name="Publish and tell").click()


async def test_a_rota_is_published_taken_back_and_published(staff, site):
    tom, other = await staff(), await staff()
    await tom.go("/staff/rota")
    await tom.page.locator("main").get_by_role("link", name="Publish", exact=True).click()
    await tom.heading("Publish the rota")
    await tom.page.get_by_label("For").select_option("6")
    await tom.click("Show")
    await tom.sees("Who is told what")
    assert await tom.problems_of_this_page() == []
    await tom.picture("publish-a-rota")
    await other.go("/staff/rota/publish?weeks=6")

    await press_publish(tom)
    await tom.sees("People hear of it at")
    assert await tom.problems_of_this_page() == []
    await tom.picture("published-rota")
    await tom.click("Undo: nobody is told")
    await tom.sees("Nobody had heard of it")
    assert await tom.problems_of_this_page() == []
    assert site.rows(PUBLISHED)[0]["n"] == 0 and site.rows(WAITS)[0]["n"] == 0

    await tom.go("/staff/rota/publish?weeks=6")
    await press_publish(tom)
    await tom.sees("People hear of it at")
    await press_publish(other)
    await expect(other.page.get_by_role("alert")).to_contain_text("published this rota at")
    assert site.rows(PUBLISHED)[0]["n"] == 1
    await tom.click("Tell them now")
    await tom.sees("have heard")
    await tom.go("/staff/rota/published")
    assert await tom.problems_of_this_page("Published rotas") == []


async def test_rules_are_read_and_kept(staff):
    tom = await staff()
    await tom.go("/staff/rota/rules")
    assert await tom.problems_of_this_page("Rules of the rota") == []
    await tom.picture("rules-of-the-rota", whole=True)
    await tom.fill("Rest between two working days", "12")
    await tom.page.get_by_label("Short ways").select_option("very much")
    await tom.click("Keep these rules")
    await tom.sees("Rest between two working days: 12 hours, was 11 hours")
    await tom.sees("The county: 11 hours")
    assert await tom.problems_of_this_page() == []
    await tom.page.get_by_role("button", name="Undo").click()
    await tom.sees("The rules are as they were before")

"""Texts with families, through the provider's client to its stand-in and back: how they are reached, what they answer, and what
is done when a text does not arrive; notices to many, and words of one's own."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from playwright.async_api import expect

from tests.browser.conftest import sign_in_as
from tests.browser.journeys import Looks, manage_path, number_of
from tests.browser.test_booking_by_parents import book
from tests.browser.test_journey_waiting import wait_in_line
from tests.browser.texting import Texting, texting_county
from tests.browser.visitor import DESKTOP, PHONE, Visitor

AMINA, GRAN, NORA, NEXT, FIONA, CLEO = [f"07700 900 58{n}" for n in range(6)]
REMINDED = "Can't come? Reply NO"
MAYA, TOM, RUTH = "maya@ferndown.example", "tom@ferndown.example", "ruth@county.example"
REWORDED = "/staff/wording/en/reminder_days/email"


@pytest.fixture(scope="module")
async def county(site, browser, staff_state, tmp_path_factory) -> AsyncIterator[Texting]:
    """Opened once for all stories: that takes longer than each of them. Staff sign in before the copy is made."""
    folder = tmp_path_factory.mktemp("county")
    for email in (RUTH, TOM, MAYA):
        if email not in staff_state:
            context = await browser.new_context(locale="en-GB")
            await sign_in_as(Visitor(site, context, await context.new_page(), folder), email)
            staff_state[email] = await context.storage_state()
            await context.close()
    async with texting_county(folder, site) as running:
        yield running


def there(visitor: Visitor, county: Texting) -> Visitor:
    return replace(visitor, site=county.site)


async def test_a_parent_chooses_how_she_is_reached(visit, site, county):
    """Her mother hears of the dates until she says stop; then short words in Urdu, and the reminder has them."""
    looks, session, parent = Looks(), site.session(), there(await visit(PHONE), county)
    gran = there(await visit(DESKTOP, scripts=False), county)
    await book(parent, session, AMINA)
    await parent.go(manage_path(county.site, AMINA))
    await parent.click("Tell them as well", "link")
    await parent.fill("Their name", "Margaret Hill")
    await parent.fill("Their mobile number or email address", GRAN)
    await parent.click("Tell them as well")
    await parent.sees("Margaret Hill")
    await gran_sees_dates_and_stops(gran, looks, county, session)
    await parent.click("How we reach you", "link")
    await parent.page.get_by_label("Language of our messages").select_option("ur")
    example = parent.page.locator("#example p")
    await expect(example).to_have_attribute("dir", "rtl")
    await expect(example).to_contain_text(session["title"])
    await parent.page.get_by_text("When it is safe, and how much we say").click()
    await parent.page.get_by_label("From", exact=True).select_option("06:00")
    await parent.page.get_by_label("Until", exact=True).select_option("23:30")
    await parent.page.get_by_label("Short words only").check()
    await expect(example).not_to_contain_text(session["title"])
    await looks.at(parent, "contact-in-urdu")
    await parent.click("Save", exact=True)
    await parent.heading(session["title"])
    county.remind_of(session["id"])
    reminder = (await county.text_to(AMINA, "آپ کی اگلی ملاقات"))["body"]
    assert session["title"] not in reminder and "/m/" not in reminder and "01632" in reminder
    assert looks.found == {}


async def gran_sees_dates_and_stops(gran: Visitor, looks: Looks, county: Texting, session: dict) -> None:
    told = (await county.text_to(GRAN, "you will hear from us"))["body"]
    await gran.go(told.rsplit(" ", 1)[1])
    await gran.heading(session["title"])
    await looks.at(gran, "told")
    words = await gran.main().inner_text()
    assert "Ada" not in words and "Sam Carter" not in words and "reference" not in words.lower()
    assert await gran.page.get_by_role("link", name="Give up").count() == 0
    await gran.click("Stop telling me")
    await gran.sees("We do not write to you about it again")
    assert county.site.rows("SELECT 1 FROM also_told WHERE ended_by = 'adult'")


async def test_a_text_gives_a_place_up_and_another_reaches_staff(visit, staff, site, county):
    """NO gives the place to the next in line; the YES after it comes too late; what nobody can guess goes to staff."""
    looks, session, parent = Looks(), site.session(), there(await visit(PHONE, scripts=False), county)
    await book(parent, session, NORA)
    county.remind_of(session["id"])
    county.site.fill(session["id"])
    await wait_in_line(there(await visit(PHONE), county), session, NEXT, "Nell Gray")
    await county.text_to(NORA, REMINDED)
    await county.writes(NORA, "no sorry", "SMnora1")
    await county.text_to(NORA, "you gave up")
    await county.text_to(NEXT, "a place!")
    await county.writes(NORA, "Yes", "SMnora2")
    await county.text_to(NORA, "somebody else has your place")
    await county.writes(NORA, "Oh dear. Is there another one nearer the station?", "SMnora3")
    await county.becomes("SELECT 1 FROM inbound_message WHERE provider_reference = 'SMnora3' AND state = 'unclear'")
    await staff_answer(there(await staff(RUTH), county), looks, county)
    assert looks.found == {}


async def staff_answer(desk: Visitor, looks: Looks, county: Texting) -> None:
    await desk.go("/staff/texts")
    await desk.page.locator(".texts__link", has_text="nearer the station").click()
    await desk.heading("Sam Carter")
    await expect(desk.page.locator(".bubble--theirs", has_text="no sorry")).to_be_visible()
    await desk.fill("Your answer by text", "Yes: the library, Thursdays at 10.")
    await expect(desk.page.locator("#size")).to_contain_text("1 part")
    await looks.at(desk, "text-answered")
    await desk.click("Send", exact=True)
    await expect(desk.page.locator(".bubble--ours", has_text="the library, Thursdays")).to_be_visible()
    await county.text_to(NORA, "the library, Thursdays at 10.")
    await desk.go("/staff/texts")
    await expect(desk.page.locator(".texts__link", has_text="nearer the station")).to_have_count(0)


async def test_who_a_text_does_not_reach_hears_another_way(visit, staff, site, county):
    """Neither phone can be reached: one family has a mailbox, the other is rung."""
    looks, session, parent = Looks(), site.session(), there(await visit(PHONE), county)
    await book(parent, session, FIONA)
    await book(there(await visit(PHONE), county), session, CLEO)
    county.site.rows(
        "UPDATE person SET email = 'fiona@families.example', name = 'Fiona Flynn' WHERE phone = :of",
        of=number_of(FIONA),
    )
    county.site.rows("UPDATE person SET name = 'Cleo Cross' WHERE phone = :of", of=number_of(CLEO))
    county.remind_of(session["id"])
    for phone in (FIONA, CLEO):
        await county.reports(await county.text_to(phone, REMINDED), "undelivered", "30003")
    await county.mail_to("fiona@families.example", "We could not send you this by text")
    await county.becomes("SELECT 1 FROM message WHERE channel = 'call' AND address = :of", of=number_of(CLEO))
    desk = there(await staff(RUTH), county)
    await desk.go("/staff")
    call = desk.page.locator(".call", has_text="Cleo Cross")
    await expect(call).to_contain_text(session["title"])
    await looks.at(desk, "calls-to-make")
    await call.get_by_label("Anything to note").fill("New number soon")
    await call.get_by_role("button", name="I spoke to them").click()
    await expect(desk.page.locator(".call", has_text="Cleo Cross")).to_have_count(0)
    await desk.sees("Noted.")
    await desk.go(f"/staff/sessions/{session['id']}")
    await expect(desk.main()).to_contain_text("1 rung")
    await looks.at(desk, "session-with-a-call")
    assert looks.found == {}


async def test_staff_write_to_a_course_and_reword_a_reminder(staff, site, county):
    """With scripts on a phone and without on a desktop, in one county."""
    looks, run = Looks(), a_course_with_families(county)
    ways = {
        "scripts": ((PHONE, True), "Please bring wellies."),
        "none": ((DESKTOP, False), "We meet at the side door."),
    }
    for (size, scripts), words in ways.values():
        tom = there(await staff(TOM, size, scripts=scripts), county)
        await writes_to_all(tom, looks, run, f"{words} It is muddy.")
        await undoes_it(tom, looks)
        await writes_to_all(tom, looks, run, words)
        await sends_it_now(tom, looks, county, words)
    await rewords_a_reminder(tom, looks, county)
    await rewords_a_reminder(there(await staff(TOM), county), looks, county)
    maya = there(await staff(MAYA), county)
    answer = await maya.go(REWORDED)
    assert answer and answer.status == 404
    await maya.go("/outbox")
    assert await maya.page.get_by_role("link", name="Wording").count() == 0
    assert looks.found == {}


def a_course_with_families(county: Texting) -> dict:
    """One of Ferndown that everybody may know of."""
    found = county.site.rows(
        "SELECT r.id FROM run r JOIN location h ON h.id = r.hub_id JOIN programme p ON p.id = r.programme_id"
        " WHERE h.name LIKE 'Ferndown%' AND r.booking_mode = 'run' AND r.state = 'published' AND r.taken > 2"
        " AND NOT r.is_restricted AND NOT p.is_discreet AND r.last_date > date('now', '+7 days') ORDER BY r.taken DESC"
    )
    return found[0]


async def writes_to_all(tom: Visitor, looks: Looks, run: dict, words: str) -> None:
    """From the run's form to the preview, which counts."""
    await tom.go(f"/staff/notices/new?about=run:{run['id']}")
    await tom.fill("Your words", words)
    if tom.scripts:
        await expect(tom.page.locator("#length")).to_contain_text("characters with our name and link")
    await tom.click("See what leaves")
    await expect(tom.page.get_by_role("button", name=re.compile(r"Send to \d+ famil"))).to_be_visible()
    await expect(tom.main()).to_contain_text(words)
    if "muddy" not in words:
        await looks.at(tom, "notice-preview")
    await tom.page.get_by_role("button", name=re.compile(r"Send to \d+ famil")).click()
    await tom.sees("Nobody has read it")


async def undoes_it(tom: Visitor, looks: Looks) -> None:
    await tom.click("Undo: nobody gets it")
    await tom.sees("This was taken back. 0 messages had left.")
    if not tom.scripts:
        await looks.at(tom, "notice-undone")


async def sends_it_now(tom: Visitor, looks: Looks, county: Texting, words: str) -> None:
    """The page follows by itself; without scripts it is read again."""
    await tom.click("Send it now")
    await county.becomes(
        "SELECT 1 FROM message m JOIN notice n ON n.id = m.about_id OR n.event_id = m.batch_id"
        " WHERE n.sms = :words AND m.sent_at IS NOT NULL LIMIT 1",
        words=words,
    )
    sent = tom.page.locator("#progress")
    if not tom.scripts:
        await tom.page.reload()
    await expect(sent).to_contain_text("Done")
    await expect(sent).to_contain_text(re.compile(r"[1-9]\d*\s*sent"), timeout=30_000)
    await looks.at(tom, "notice-sent")
    texts = [each["body"] for each in county.twilio.accepted]
    assert any(words in body for body in texts) and not any("muddy" in body for body in texts)


async def rewords_a_reminder(tom: Visitor, looks: Looks, county: Texting) -> None:
    """Seen as a family reads it, sent to oneself, then kept; and the shipped words are had again."""
    await tom.go(REWORDED)
    subject = tom.page.get_by_label("Subject")
    words = f"See you soon{'' if tom.scripts else ' again'}: {{title}}"
    await subject.fill(words)
    if tom.scripts:
        await expect(tom.page.locator("#preview")).to_contain_text("See you soon")
        await looks.at(tom, "wording")
    await tom.click("Send me a test")
    await tom.sees(f"Sent to {TOM}")
    await expect(subject).to_have_value(words)
    await county.mail_to(TOM, words.partition(":")[0])
    await tom.click("Save")
    await tom.sees("Messages written from now on have these words")
    await tom.click("Back to the shipped words")
    await tom.sees("The shipped words are in use again")

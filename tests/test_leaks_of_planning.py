"""P5 and P6 of planning: drafts, programmes, lines and offers, changes and closings of what is restricted leak nothing.

Every secret word holds MARK. Each act of planning is done to a restricted course by its own staff; then every page, message and
trail is searched for MARK by everybody who may not know.
"""

import re
from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import patch

import pytest

from booking import clock, db
from booking.messages import hours
from booking.messages.models import InboundMessage
from booking.open_data.feeds import hash_of
from booking.open_data.models import FeedLink
from booking.places.closing_times import read_times
from booking.programmes.changes import acts_to_undo, adding_dates, changing_dates, switching_online
from booking.programmes.changes.dates_in_scope import Wish
from booking.programmes.closures import closing_places
from booking.programmes.closures.closing_answers import CANCEL
from booking.programmes.closures.closing_lists import GROUPS
from booking.programmes.closures.closing_wanted import Closing, How, Place
from booking.programmes.models import Programme, Run, Session
from booking.programmes.plans import deciding_numbers, planning, publishing
from booking.programmes.plans.publishing import Terms
from booking.programmes.waiting import keeping_lines, offering
from booking.slugs import hidden_slug
from tests import make
from tests.places.who import staff_who
from tests.programmes import planning_calls
from tests.programmes.offer_calls import NEVER_QUIET
from tests.programmes.snow_day import use
from tests.standing_in import METHODS, address, small_county
from tests.test_leaks import MARK, crawl, find_mark, leaks

LATER = {"undo_minutes": 10}
ROSA, PHONE = "Rosa Lindqvist", "+447700900801"
LINK = f"https://{MARK}.example/join"


@pytest.fixture
async def here(database):
    """A hub with a refuge: a course there that staff change, a clinic, a draft, a line with an offer, a closing, a text."""
    hub = await make.location(name="Ferndown", slug="ferndown")
    await make.opening_hours(hub, weekdays="0123456")
    await make.room(hub, name="Hall")
    refuge = await make.location(
        name=f"{MARK} House", hub_id=hub.id, hub_name=hub.name, kind="restricted", is_restricted=True,
        slug="private-dddddddddddd", address=f"{MARK} Street",
    )  # fmt: skip
    await make.opening_hours(refuge, weekdays="0123456")
    nadia = await make.staff("hub_manager", hub.id, name="Nadia Rahman")
    found = SimpleNamespace(
        hub=hub, refuge=refuge, nadia=nadia, by=staff_who(nadia, {hub.id}, "hub_manager"),
        helper=await make.staff("hub_staff", hub.id, name="Hana Brook", channel="sms"),
        room=await make.room(refuge, name=f"{MARK} room", capacity=20),
        parent=await make.person(name=ROSA, phone=PHONE), day=clock.today() + timedelta(days=21),
    )  # fmt: skip
    with patch.object(hours, "_county", NEVER_QUIET):
        await happened(found)
    return found


async def happened(here) -> None:
    here.programme = await make.programme(
        title=f"{MARK} programme", group=f"{MARK} group", booking_mode="run", kind="course", session_count=4, minutes=90,
        places_max=8, is_restricted=True, min_age_months=0, max_age_months=60,
    )  # fmt: skip
    here.run, here.sessions = await course(here)
    await changed(here)
    await waited(here)
    await drafted(here)
    await closed(here)


async def course(here, **values):
    run = await make.run(
        **{
            "programme": here.programme, "location": here.refuge, "room_id": here.room.id, "title": f"{MARK} course",
            "host": f"{MARK} Refuge", "facilitator_1": "Ann Oakes", "join_url": LINK, "notes": f"{MARK} notes",
            "first_date": here.day, "is_restricted": True, "is_listed": False, "booking_mode": "run", "places": 6,
            "min_places": 3, "decide_by_date": clock.today() + timedelta(days=2), "search_words": "",
        } | values
    )  # fmt: skip
    await Run.filter(id=run.id).update(slug=hidden_slug(run.id))
    sessions = []
    for n in range(4):
        day = here.day + timedelta(weeks=n)
        booked = await use(here.room, day, run.start_time, run.end_time, "session")
        sessions.append(
            await make.session(run, date=day, number=n + 1, room_id=here.room.id, room_booking_id=booked.id, places=6)
        )
    return run, sessions


async def changed(here) -> None:
    await make.booking(here.run, here.parent)
    await make.booking(here.run, await make.person(channel="call", name="Ines Moreau", phone="+447700900802"))
    first, second, third, _ = here.sessions
    wish = Wish(start="13:00", end="14:00", facilitator_2=f"{MARK} Bea")
    await changing_dates.change(session_id=first.id, scope="date", wish=wish, by=here.by, **LATER)
    link = {"to": "online", "join_url": LINK + "/2", "reason": f"{MARK} reason"}
    await switching_online.switch(session_id=second.id, scope="date", by=here.by, **link, **LATER)
    await adding_dates.add(run_id=here.run.id, day=here.day + timedelta(days=30), by=here.by, **LATER)
    await deciding_numbers.set_numbers(
        run_id=here.run.id, needed=3, decide_by=here.day - timedelta(days=18), by=here.by
    )
    with patch.object(deciding_numbers, "HOUR", 0):
        assert await deciding_numbers.warn_due() == 1
    wish = Wish(day=third.date + timedelta(days=1))
    done = await changing_dates.change(session_id=third.id, scope="date", wish=wish, by=here.by, **LATER)
    await acts_to_undo.undo(session_id=third.id, event_id=done.event_id, by=here.by)


async def waited(here) -> None:
    here.entry = await make.waiting(here.run, await make.person(name="Mo Karim", phone="+447700900803"))
    await keeping_lines.set_priority(entry_id=here.entry.id, priority=1, reason=f"{MARK} priority", by=here.by)
    await offering.offer_by_hand(entry_id=here.entry.id, by=here.by, why=f"{MARK} why")
    here.text = await InboundMessage.create(
        provider_reference="SM9", sender=PHONE, body=f"About the {MARK}", received_at=clock.now(), state="unclear",
        hub_id=here.hub.id,
    )  # fmt: skip


async def drafted(here) -> None:
    """One plan that is a draft, and one that was published a moment ago."""
    typed = SimpleNamespace(programme=here.programme, room=here.room, creche_room=SimpleNamespace(id=""))
    first = (here.day + timedelta(days=1)).isoformat()
    wanted = {"first": first, "sessions": "2", "term_time_only": "", "creche_places": "", "title": f"{MARK} draft"}
    wanted["weekday"] = (str((here.day.weekday() + 1) % 7),)
    here.draft = await planning.save(planning_calls.asked(typed, **wanted), by=here.by)
    asked = planning_calls.asked(typed, start="15:00", end="16:00", **wanted)
    here.published = await planning.save(asked, by=here.by)
    await publishing.publish(here.published, Terms(is_listed=True), by=here.by, **LATER)


async def closed(here) -> None:
    """The refuge with its hub, so that everybody's staff hear of it."""
    last = here.sessions[3]
    spans = read_times({"first": last.date.isoformat(), "last": "", "all_day": "yes", "also": ""}, clock.now()).spans
    wanted = Closing((Place(here.hub.id), Place(here.refuge.id)), spans, "Snow")
    done = await closing_places.close(wanted, How(dict.fromkeys(GROUPS, CANCEL)), seen=None, by=here.by, **LATER)
    here.closing = done.event_id


def own_paths(here) -> list[str]:
    """Every page about one of them: for its own staff alone."""
    run, session, entry = here.run.id, here.sessions[2].id, here.entry.id
    found = [
        f"/staff/runs/{run}", f"/staff/runs/{run}/decide", f"/staff/runs/{run}/add-date", f"/staff/plan/{here.draft}",
        f"/staff/plan/{here.draft}/publish", f"/staff/runs/{here.published}", f"/staff/programmes/{here.programme.id}",
        f"/staff/programmes/{here.programme.id}/edit", f"/staff/waiting/runs/{run}", f"/staff/waiting/entries/{entry}",
        f"/staff/sessions/{session}", f"/staff/sessions/{session}/change", f"/staff/sessions/{session}/online",
        f"/staff/sessions/{session}/cancel", f"/staff/sessions/{session}/book", f"/staff/sessions/{session}/slots",
    ]  # fmt: skip
    return found


def pages_of_planning(here) -> list[str]:
    first = here.day.isoformat()
    find = f"sent=1&minutes=60&sessions=2&people=2&first={first}&weekday={here.day.weekday()}"
    close = f"first={here.sessions[0].date}&last={here.sessions[2].date}&all_day=yes&reason=weather"
    return [
        "/staff", f"/staff?date={first}", "/staff/plan", "/staff/plan/new", f"/staff/plan/new?programme={here.programme.id}",
        f"/staff/plan/find?{find}", f"/staff/plan/find?{find}&location=county",
        f"/staff/plan/find?{find}&programme={here.programme.id}", "/staff/programmes", f"/staff/programmes?q={MARK}",
        "/staff/programmes?ended=yes", "/staff/waiting", f"/staff/waiting?hub={here.hub.id}", "/staff/terms",
        "/staff/terms/Dorset", "/staff/close", f"/staff/close?{close}&place={here.hub.id}",
        f"/staff/close?{close}&place={here.refuge.id}", f"/staff/close/{here.closing}", "/staff/audit", "/outbox",
        f"/staff/places/{here.hub.id}", f"/staff/places/{here.hub.id}/close?{close}", "/staff/places",
        *(f"/staff/diary?hub={here.hub.id}&date={here.day + timedelta(days=n)}&view=week&as={form}"
          for n in (0, 7, 14, 21) for form in ("", "table")),
        f"/staff/sessions?from={clock.today()}", f"/staff/sessions?from={clock.today()}&state=cancelled",
    ]  # fmt: skip


async def test_its_own_staff_see_all_of_it(client, here):
    """Else the other tests would prove nothing."""
    await make.sign_in_staff(client, here.nadia)
    missing = []
    for path in own_paths(here):
        answer = await client.get(path, follow_redirects=True)
        if answer.status_code != 200 or not find_mark(answer.text):
            missing.append((path, answer.status_code))
    assert not missing
    for path in (
        "/staff/plan",
        "/staff/programmes",
        "/staff/waiting",
        f"/staff/close/{here.closing}",
        "/staff/plan/new",
    ):
        assert find_mark((await client.get(path)).text), path


def without_echo(seen):
    """What was looked for stands in the form again, and in the addresses of other views."""
    echo = (f'value="{MARK}"', f"q={MARK}")
    return {
        path: SimpleNamespace(text=re.sub("|".join(echo), "", answer.text), headers={})
        for path, answer in seen.items()
        if f"q={MARK}" not in path or "next=" not in path
    }


@pytest.mark.parametrize("kind", ["hub_staff", "hub_manager", "county_admin"])
async def test_no_page_of_other_staff_names_it(client, here, kind):
    elsewhere = await make.location()
    await make.room(elsewhere)
    member = await make.staff(kind, None if kind == "county_admin" else elsewhere.id)
    await make.sign_in_staff(client, member)
    seen = await crawl(client, pages_of_planning(here), most=150)
    assert all(answer.status_code < 500 for answer in seen.values())
    assert not leaks(without_echo(seen))
    everything = "".join(answer.text for answer in seen.values())
    assert "Lindqvist" not in everything and "Moreau" not in everything and "Mo Karim" not in everything
    for hidden in (here.run.id, here.draft, here.published, here.programme.id, here.entry.id, here.text.id):
        said = [path for path, answer in seen.items() if str(hidden) in answer.text and str(hidden) not in path]
        assert not said, hidden
    for path in own_paths(here):
        assert (await client.get(path)).status_code == 404, path


@pytest.mark.parametrize("kind", ["hub_manager", "county_admin"])
async def test_other_staff_change_nothing_of_it(client, here, kind):
    elsewhere = await make.location()
    await make.sign_in_staff(client, await make.staff(kind, None if kind == "county_admin" else elsewhere.id))
    before = await state_of_all()
    for path in [
        *own_paths(here), f"/staff/plan/{here.draft}/discard", f"/staff/plan/{here.published}/unpublish",
        f"/staff/programmes/{here.programme.id}/end", f"/staff/texts/{here.text.id}/done", f"/staff/texts/{here.text.id}/answer",
        f"/staff/waiting/runs/{here.run.id}/places", f"/staff/waiting/runs/{here.run.id}/reserved",
        *(f"/staff/waiting/entries/{here.entry.id}/{act}" for act in ("priority", "offer", "answer", "withdraw", "leave")),
        f"/staff/close/{here.closing}/undo", f"/staff/close/{here.closing}/send-now",
    ]:  # fmt: skip
        data = {"act": "cancel", "reason": "weather", "places": "9", "answer": "yes", "priority": "1", "then": "off"}
        answer = await client.post(path, data=data | {"event": str(here.closing), "title": "Mine", "save": "1"})
        assert answer.status_code in (404, 405), (path, answer.status_code)
    assert await state_of_all() == before


async def state_of_all() -> list:
    found = []
    for table in (
        "run",
        "session",
        "programme",
        "waiting_entry",
        "offer",
        "booking",
        "room_booking",
        "inbound_message",
    ):
        found.append([tuple(row.values()) for row in await db.rows(f'SELECT * FROM "{table}" ORDER BY id')])
    return found


async def test_no_message_to_families_or_staff_names_it(here):
    rows = await db.rows("SELECT * FROM message")
    assert {"changed", "date_added", "staff_decide", "offer", "staff_stood_down"} <= {row["kind"] for row in rows}
    of_staff = {"staff_stood_down"}
    assert not [found for row in rows if row["kind"] not in of_staff and (found := find_mark(str(row)))]
    named = [row for row in rows if find_mark(str(row))]
    assert named and all(row["is_discreet"] and row["hub_id"] == here.hub.id for row in named)


async def test_no_public_page_and_no_partner_sees_a_draft_or_what_is_restricted(client, here):
    partner = await make.organisation()
    member = await make.booker(partner)
    family = await make.person()
    referred = await make.booking(here.run, family, organisation_id=partner.id)
    assert referred
    slugs = [row["slug"] for row in await db.rows("SELECT slug FROM run")]
    ids = [row["id"] for row in await db.rows("SELECT id FROM session")]
    public = [
        "/",
        f"/?words={MARK}",
        "/?view=week",
        "/hubs",
        "/sitemap.xml",
        "/with-a-code",
        "/?audience=professionals",
    ]
    seen = await crawl(client, public, most=40)
    assert not leaks({path: each for path, each in without_echo(seen).items() if "words=" not in path})
    for path in [f"/courses/{slug}" for slug in slugs] + [
        f"/sessions/{id}{more}" for id in ids for more in ("", "/calendar.ics")
    ]:
        answer = await client.get(path)
        assert answer.status_code == 404 and not find_mark(answer.text), path
    await make.sign_in_partner(client, member)
    seen = await crawl(
        client, ["/partner/refer", f"/partner/refer?q={MARK}", f"/partner/refer?to={here.run.id}"], most=12
    )
    assert not leaks(without_echo(seen))


async def test_what_families_of_it_open_is_neutral(client, here):
    await db.execute("UPDATE person SET channel = 'sms' WHERE phone = $1", PHONE)
    tokens = [
        row["manage_token"] for row in await db.rows("SELECT manage_token FROM booking WHERE run_id = $1", here.run.id)
    ]
    offer = await db.value("SELECT token FROM offer WHERE waiting_entry_id = $1", here.entry.id)
    paths = [f"/m/{token}{more}" for token in tokens for more in ("", "/calendar.ics", "/who", "/give-up")]
    seen = await crawl(client, [*paths, f"/o/{offer}", f"/m/{here.entry.manage_token}"], most=60)
    assert "Your session" in seen[f"/o/{offer}"].text and "exit-this-page" in seen[f"/o/{offer}"].text
    assert not leaks(seen)


async def test_a_partner_reads_neutral_words_of_what_became_restricted_after_it_referred(client, database):
    partner = await make.organisation()
    run = await make.run(title=f"{MARK} group", takes_referrals=True)
    session = await make.session(run)
    await make.booking(session, await make.person(name=ROSA), organisation_id=partner.id)
    await make.waiting(session, await make.person(name="Ines Moreau"), organisation_id=partner.id)
    await make.sign_in_partner(client, await make.booker(partner))
    assert find_mark((await client.get("/partner/refer")).text)
    await Run.filter(id=run.id).update(is_restricted=True)
    page = (await client.get("/partner/refer")).text
    assert ROSA in page and "Ines Moreau" in page and not find_mark(page)


async def test_the_programme_of_another_hubs_restricted_runs_is_not_planned_by_its_id(here):
    hub = await make.location()
    desk = await planning_calls.desk_at(
        hub, staff_who(await make.staff("hub_manager", hub.id), {hub.id}, "hub_manager")
    )
    desk.programme = await Programme.get(id=here.programme.id)
    with pytest.raises(Exception, match="Choose what is offered"):
        await planning.save(planning_calls.asked(desk), by=desk.by)
    assert not await Run.filter(location_id=hub.id).exists()


async def test_who_leads_a_restricted_date_is_told_by_name_only_at_its_own_hub(here):
    """A namesake at another hub learns nothing from a closing."""
    elsewhere = await make.location()
    await make.staff("hub_staff", elsewhere.id, name="Ann Oakes", email="ann@hub.example")
    session = await Session.get(id=here.sessions[2].id)
    spans = read_times({"first": session.date.isoformat(), "last": "", "all_day": "yes", "also": ""}, clock.now()).spans
    wanted = Closing((Place(here.refuge.id),), spans, f"{MARK} pipes")
    await closing_places.close(wanted, How(dict.fromkeys(GROUPS, CANCEL)), seen=None, by=here.by, **LATER)
    rows = await db.rows("SELECT body, subject, html FROM message WHERE address = 'ann@hub.example'")
    assert not [found for row in rows if (found := find_mark(str(row)))]


def planning_routes() -> list:
    return [route.path for route, method in METHODS if method == "GET" and route.path.startswith("/staff")]


@pytest.mark.parametrize("kind", ["hub_staff", "county_admin"])
async def test_every_page_of_staff_is_walked(client, here, kind):
    county = await small_county()
    await make.sign_in_staff(client, await make.staff(kind, None if kind == "county_admin" else county.hub.id))
    paths = {address(route, county) for route, method in METHODS if method == "GET" and route.path in planning_routes()}
    seen = {path: await client.get(path) for path in sorted(paths)}
    assert not leaks(seen)


@pytest.fixture
async def open_draft(database):
    """A draft of something that is not restricted at all, with a code that was set early."""
    desk = await planning_calls.desk(title=f"{MARK} course")
    day = clock.today() + timedelta(days=21)
    wanted = {
        "first": day.isoformat(),
        "weekday": (str(day.weekday()),),
        "sessions": "2",
        "term_time_only": "",
        "title": f"{MARK} draft",
    }
    run_id = await planning.save(planning_calls.asked(desk, **wanted), by=desk.by)
    await Run.filter(id=run_id).update(referral_code="K7M4-QXP", takes_referrals=True)
    return SimpleNamespace(
        desk=desk, run=await Run.get(id=run_id), day=day, sessions=await Session.filter(run_id=run_id)
    )


async def feeds_of(draft) -> list[str]:
    for kind, about in (("hub", draft.desk.hub), ("location", draft.desk.hub), ("room", draft.desk.room)):
        for sees in ("all", "busy"):
            await FeedLink.create(
                kind=kind, about_id=about.id, sees=sees, token_hash=hash_of(f"{kind}-{sees}"), created_at=clock.now()
            )
    return [
        f"/feeds/{kind}-{sees}.{form}"
        for kind in ("hub", "location", "room")
        for sees in ("all", "busy")
        for form in ("ics", "ifb")
    ]


@pytest.mark.parametrize("who", ["nobody", "family", "partner", "hub_staff"])
async def test_nobody_but_its_planners_sees_or_books_a_draft(client, open_draft, who):
    run, hub = open_draft.run, open_draft.desk.hub
    when = f"date={open_draft.day}&start=10:00&end=12:00&people=4"
    starts = ["/", f"/?start={open_draft.day}&when=84", f"/?view=week&start={open_draft.day}", f"/?near=BH22+9TH&start={open_draft.day}&when=84",
              "/hubs", f"/places/{hub.slug}", "/sitemap.xml", *await feeds_of(open_draft)]  # fmt: skip
    if who == "family":
        await make.sign_in_family(client, await make.person())
        starts += ["/manage"]
    if who == "partner":
        await make.sign_in_partner(client, await make.booker())
        starts += ["/partner", "/partner/refer", f"/partner/refer?to={run.id}", f"/partner/find?{when}",
                   f"/partner/reserve?room={open_draft.desk.room.id}&{when}"]  # fmt: skip
    if who == "hub_staff":
        await make.sign_in_staff(client, await make.staff("hub_staff", (await make.location()).id))
        starts += ["/staff", "/staff/plan", f"/staff/diary?hub={hub.id}&date={open_draft.day}", f"/staff/sessions?from={clock.today()}",
                   f"/staff/plan/find?sent=1&minutes=60&sessions=1&people=2&first={open_draft.day}&weekday={open_draft.day.weekday()}&location=county"]  # fmt: skip
    seen = await crawl(client, starts, most=60)
    found = leaks(
        {path: each for path, each in seen.items() if not path.startswith(("/staff/programmes", "/staff/plan/"))}
    )
    assert all(answer.status_code < 500 for answer in seen.values()) and not found
    assert not [path for path, each in seen.items() if str(run.id) in each.text or run.slug in each.text]
    for method, path in await addresses_of(open_draft):
        answer = await client.request(method, path, data={"answer": "yes"})
        is_asked_who = answer.status_code == 303 and answer.headers["location"].startswith("/staff/sign-in")
        assert (answer.status_code == 404 or is_asked_who) and not find_mark(answer.text), (method, path)
    assert not await db.rows("SELECT id FROM lease") and not await db.rows("SELECT id FROM booking")


async def addresses_of(draft) -> list[tuple[str, str]]:
    slug, first = draft.run.slug, draft.sessions[0].id
    found = [("GET", f"/courses/{slug}"), ("POST", f"/courses/{slug}/book"), ("POST", f"/courses/{slug}/wait")]
    found += [("GET", f"/sessions/{first}"), ("GET", f"/sessions/{first}/calendar.ics"), ("POST", f"/sessions/{first}/book"),
              ("POST", f"/sessions/{first}/wait"), ("GET", "/with-a-code/K7M4-QXP"), ("POST", "/with-a-code/K7M4-QXP/book"),
              ("POST", "/with-a-code/K7M4-QXP/wait")]  # fmt: skip
    return found + [
        (method, path)
        for method in ("GET", "POST")
        for path in (f"/staff/plan/{draft.run.id}", f"/staff/plan/{draft.run.id}/publish", f"/staff/plan/{draft.run.id}/discard",
                     f"/staff/sessions/{first}/change", f"/staff/sessions/{first}/cancel")
    ]  # fmt: skip

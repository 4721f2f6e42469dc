"""P5 in the demo county, whose files hold restricted series: nothing of them is on any page or in any calendar."""

import re
from datetime import date
from types import SimpleNamespace

import pytest
import time_machine

from booking import clock, db
from tests import make
from tests.test_leaks import crawl
from tests.test_leaks_of_feeds import address_of

LOADED_AT = "2027-01-11T08:31:00Z"
SECRET_IN_THE_DEMO = re.compile(
    r"undisclosed venue|specialist domestic abuse provider|confidence course|\b[DE]99\b", re.IGNORECASE
)


@pytest.fixture(autouse=True)
def in_that_week():
    with time_machine.travel(LOADED_AT, tick=False):
        yield


@pytest.mark.slow
async def test_the_restricted_series_of_the_demo_county_appear_nowhere(loaded_demo, client):
    """The real files, D99 and E99 among them, for everybody but their own staff."""
    restricted = await db.rows("SELECT s.id FROM session s JOIN run r ON r.id = s.run_id WHERE r.is_restricted")
    assert len(restricted) == 24
    starts = [
        "/",
        "/?when=84",
        "/?view=week",
        "/?near=BH22+9TH&within=any&when=84",
        "/?words=confidence&when=84",
        "/hubs",
    ]
    starts += [
        "/?words=undisclosed&when=84",
        "/?booked=book&when=84&age=",
        "/hubs?near=CM1+1GJ&show=all&more=1",
        "/places/d99-m",
    ]
    seen = await crawl(client, starts, most=70)
    for kind, hub_code in (("hub_staff", "D01-M"), ("county_admin", None)):
        hub_id = hub_code and await db.value("SELECT id FROM location WHERE code = $1", hub_code)
        await make.sign_in_staff(client, await make.staff(kind, hub_id))
        days = [f"/staff?date=2027-01-{day}" for day in (11, 14, 18, 21)]
        more = [
            "/staff/sessions?from=2027-01-01&q=confidence",
            "/outbox",
            "/staff/audit",
            "/staff/sessions?q=undisclosed",
        ]
        seen |= {f"{kind} {path}": answer for path, answer in (await crawl(client, days + more, most=25)).items()}
    assert len(seen) > 100
    found = {
        path: SECRET_IN_THE_DEMO.findall(answer.text)
        for path, answer in seen.items()
        if "words=" not in path and "q=" not in path
    }
    assert not {path: words for path, words in found.items() if words}
    everything = "".join(answer.text for answer in seen.values())
    assert not [row["id"] for row in restricted if str(row["id"]) in everything]


@pytest.mark.slow
async def test_the_restricted_series_of_the_demo_county_are_in_no_calendar(loaded_demo, client):
    """The real files: every hub, every member of staff, every run, and everybody who has booked."""
    hubs = await db.rows("SELECT id FROM location WHERE hub_id = id")
    members = await db.rows("SELECT DISTINCT person_id AS id FROM role WHERE hub_id IS NOT NULL")
    runs = await db.rows("SELECT id FROM run WHERE is_restricted OR title LIKE 'C%' LIMIT 40")
    quiet_run_id = await db.value("SELECT id FROM run WHERE is_restricted LIMIT 1")
    session_id = await db.value("SELECT id FROM session WHERE run_id = $1 ORDER BY starts_at LIMIT 1", quiet_run_id)
    parent = await make.person()
    await make.booking(SimpleNamespace(id=session_id, run_id=quiet_run_id), parent, created_at=clock.at(date(2026, 9, 1), "10:00"))  # fmt: skip
    entries = 0
    for kind, sees, found in [
        ("hub", "all", hubs), ("staff", "hub", members), ("run", "all", runs), ("family", "all", [{"id": parent.id}]),
    ]:  # fmt: skip
        for row in found:
            answer = await client.get(await address_of(kind, row["id"], sees))
            entries += answer.text.count("BEGIN:VEVENT")
            assert answer.status_code == 200 and not SECRET_IN_THE_DEMO.findall(answer.text.replace("\r\n ", ""))
    assert entries > 1000

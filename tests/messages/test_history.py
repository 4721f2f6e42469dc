"""Promise P4 over all the pieces at once: workers with the whole timetable of messages, reports that come early, late and twice, faults,
and families and staff who do everything meanwhile. Afterwards each message is accounted for, once; the controls must fail."""

import asyncio
import json
import os
import random
import re
import sys
from collections import Counter, defaultdict
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from booking import clock, db
from booking.messages import claims, outbox, reports, sending_again
from booking.messages.delivery import deliver_due
from tests import make
from tests.messages import steps
from tests.messages.history_worker import loaded_for
from tests.messages.queueing import deliver, forsake_claims, make_due, queue_reminder
from tests.programmes.clinics import clinic
from tests.standins.mail import MailStandIn
from tests.standins.notify import NotifyStandIn
from tests.standins.twilio import TwilioStandIn

pytestmark = pytest.mark.slow
FAULTS = ("500", "503", "429", "cut before", "cut after", "reset", "500 after", "nonsense after")
SECONDS = os.environ.get("BOOKING_RUSH_SECONDS", "4")
LONGEST = "60"  # seconds that a control has to go wrong
UNSAFE = timedelta(hours=2)
STILL_WAITS = """
    SELECT count(*) AS n FROM message m LEFT JOIN person p ON p.id = m.person_id
    WHERE m.state IN ('queued', 'claimed') AND m.channel <> 'call' AND coalesce(p.name, '') NOT LIKE 'Held%'
"""


def keeping(stand_in, chance):
    """The stand-in, which says of each text whose it is, and reports what became of it early, late and twice."""
    stand_in.told, accept = set(), stand_in._accept

    def accepting(request):
        answer, message = accept(request), stand_in.accepted[-1]
        callback = request.form.get("StatusCallback", "")
        message["ours"] = message.get("reference") or callback.partition("message=")[2]
        if message["ours"]:
            task = asyncio.ensure_future(report(stand_in.name, message, chance))
            stand_in.told.add(task)
        return answer

    stand_in._accept = accepting
    return stand_in


async def report(provider, message, chance):
    failed = ("undelivered", "30003") if provider == "twilio" else ("temporary-failure", "")
    said = (
        [("delivered", "")]
        if chance.random() < 0.8
        else [failed, *([("delivered", "")] if chance.random() < 0.3 else [])]
    )
    for status, code in said * chance.choice((1, 2)):
        await asyncio.sleep(chance.choice((0, 0, 0.2, 0.8)))
        await reports.keep(
            provider=provider,
            provider_reference=message["id"],
            status=status,
            error_code=code,
            message_id=message["ours"],
        )


async def a_busy_hub():
    """A course, a group and a clinic, families booked long ago who are reminded now, and some who may not be written to at this hour."""
    clock.use_zone("Europe/London")
    offered, place = await make.programme(reminder_leads="12d 11d"), await make.location()
    room = await make.room(place, capacity=30)
    first = clock.today() + timedelta(days=9)
    group = await make.run(programme=offered, location=place, first_date=first, places=30, room_id=room.id)
    dates = [
        await make.session(group, date=first + timedelta(days=n), number=n + 1, room_id=room.id, start_time=f"{10 + n}:00",
                           end_time=f"{11 + n}:00")
        for n in range(3)
    ]  # fmt: skip
    _, course, _ = await make.course_with_creche(programme=offered, location=place, first_date=first)
    await clinic(dates=1, location=place, first_date=first, room_id=room.id)
    now = clock.local(clock.now())
    window = {"safe_from": f"{now - UNSAFE:%H:%M}", "safe_to": f"{now - UNSAFE / 2:%H:%M}"}
    long_ago = clock.now() - timedelta(days=20)
    for n in range(24):
        held = {"name": f"Held {n}", **window} if n % 6 == 0 else {}
        email = f"p{n}@mail.example" if n % 2 else ""
        parent = await make.person(phone=f"+447700901{n:03}", email=email, hears_urgent=True, **held)
        await make.booking(dates[n % 3] if n % 4 else await course[0].run, parent, created_at=long_ago)
        for kind in ("changed", "dates_changed"):  # two at once become a digest
            await queue_reminder(parent, kind=kind, expires_at=None, hub_id=place.id)
    maya = await make.person(family=None, name="Maya")
    await db.execute("UPDATE person SET family_id = NULL WHERE id = $1", maya.id)
    return f"{maya.id},{place.id}"


async def start(url, role, provider, host, staff, seed, seconds):
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.messages.history_worker", url, role, json.dumps(provider.settings()), str(host.port),
        staff, str(seed), seconds, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def said_at_the_end(process):
    said, _ = await process.communicate()
    assert process.returncode == 0
    return json.loads(said)


@asynccontextmanager
async def a_rush(url, stand_in, roles, seconds):
    """The stand-ins, and the processes that are at work on them; what still runs at the end is killed."""
    chance, running = random.Random(7), []
    async with stand_in() as plain, MailStandIn() as host:
        provider, staff = keeping(plain, chance), await a_busy_hub()
        await steps.write_down()
        provider.faults = [chance.choice(FAULTS) if chance.random() < 0.3 else "ok" for _ in range(400)]
        provider.retry_after = "0"
        try:
            for n, role in enumerate(roles):
                running.append(await start(url, role, provider, host, staff, n, seconds))
            yield provider, host, running
        finally:
            for process in running:
                if process.returncode is None:
                    process.kill()
                await process.wait()
            await asyncio.gather(*provider.told)


async def everything_at_once(url, stand_in, roles):
    """What the processes said, and the stand-ins after everything has been worked off."""
    async with a_rush(url, stand_in, roles, SECONDS) as (provider, host, running):
        said = await asyncio.gather(*(said_at_the_end(process) for process in running))
        provider.faults = []
        await asyncio.gather(*provider.told)
        loaded = loaded_for(json.dumps(provider.settings()), str(host.port))
        for _ in range(12):
            await forsake_claims()
            await make_due()
            await deliver_due(loaded, "last", limit=500)
            await asyncio.gather(*provider.told)
            if not await reports.settle_due() and not await db.value(STILL_WAITS):
                break
    return said, provider, host


async def judged(said, provider, host):
    """Everything that must not be. What has arrived is read before the messages, so that it can judge while they are at work, too."""
    arrived, mails = list(provider.accepted), list(host.accepted)
    rows = {
        str(row["id"]): row
        for row in await db.rows("SELECT m.*, p.name FROM message m LEFT JOIN person p ON p.id = m.person_id")
    }
    again = Counter(
        str(row["about_id"])
        for row in await db.rows("SELECT about_id FROM audit_event WHERE verb = 'send message again'")
    )
    none, some = (_all(said, what) for what in ("none", "some"))
    taken = await steps.of_each()
    held = {_as_it_arrived(row): id for id, row in rows.items() if row["provider_reference"]}
    count = Counter(_whose(each, rows, held) for each in arrived)
    count.update(str(_id(mail)) for mail in mails)
    texts = {(each["id"], each["to"], each["body"]) for each in arrived}
    wrong = [f"{rows[id]['kind']} by {rows[id]['channel']} {n} times" for id, n in count.items() if n > 1 + again[id]]
    for id, row in rows.items():
        what = f"{row['kind']} by {row['channel']} {row['state']}"
        if (
            row["state"] in ("queued", "claimed")
            and row["channel"] != "call"
            and not str(row["name"]).startswith("Held")
        ):
            wrong.append(f"{what}: still waits, {row['error_code']} {row['error']}")
        is_over = row["state"] in ("sent", "delivered") and row["channel"] != "call"
        if is_over and id not in count and _as_it_arrived(row) not in texts:
            wrong.append(f"{what}: never left")
        if row["state"] in ("failed", "missed", "void") and not row["error"]:
            wrong.append(f"{what}: no reason")
        if row["digest_id"] and id in count and str(row["digest_id"]) in count:
            wrong.append(f"{what}: told alone and in a digest")
        if row["state"] == "merged" and rows[str(row["digest_id"])]["state"] in ("void", "missed"):
            wrong.append(f"{what}: told by a digest that is {rows[str(row['digest_id'])]['state']}")
        if str(row["name"]).startswith("Held") and id in count:
            wrong.append(f"{what}: outside safe hours")
        if row["channel"] == "call":
            continue
        wrong += [f"{what}: {each}" for each in steps.wrong_in(taken[id], count[id])]
        asked_for = max((step["began_at"].timestamp() for step in taken[id] if steps.is_asked_for(step)), default=0)
        told = [began for began, ended in none[str(row["person_id"])] if ended < asked_for - 1]
        if told and max((ended for _, ended in some[str(row["person_id"])]), default=0) < max(told) and id in count:
            wrong.append(f"{what}: written to who wants nothing")
    return wrong


def _all(said, what):
    joined = defaultdict(list)
    for one in said:
        for id, spans in one["times"].get(what, {}).items():
            joined[id] += spans
    return joined


def _as_it_arrived(row):
    return row["provider_reference"], row["address"], row["body"]


def _whose(text, rows, held):
    """The message that counts this text as its own. Of two that are word for word alike, to one number and without a marker, nobody can
    say which of them it is: the first that asks has it."""
    own = rows[text["ours"]]
    if own["provider_reference"] == text["id"] or own["marker"]:
        return text["ours"]
    return held.get((text["id"], text["to"], text["body"]), text["ours"])


def _id(mail):
    from uuid import UUID

    return UUID(re.sub(r"[<>]", "", mail.id).partition("@")[0])


@pytest.mark.parametrize("stand_in", [TwilioStandIn, NotifyStandIn])
async def test_whatever_happens_each_message_is_accounted_for_once(real_database, stand_in):
    said, provider, host = await everything_at_once(real_database.url, stand_in, ["jobs", "jobs", "acts", "acts"])
    done = sum((Counter(one["done"]) for one in said), Counter())
    print(dict(done), len(provider.accepted), len(host.accepted))
    print(await db.rows("SELECT channel, state, count(*) AS n FROM message GROUP BY channel, state ORDER BY 1, 2"))
    trouble = [each for one in said for each in one["wrong"]]
    assert not trouble, "\n".join(f"{n} times {each}" for each, n in Counter(trouble).most_common())
    wrong = await judged(said, provider, host)
    assert not wrong, "\n".join(f"{n} times {each}" for each, n in Counter(wrong).most_common())
    assert len(provider.accepted) > 10 and sum(done.values()) > 20


@pytest.mark.parametrize(
    ("control", "seen"), [("claims off", r" \d+ times$"), ("merged kept", "told alone and in a digest$")]
)
async def test_the_control_fails(real_database, control, seen):
    """The judge looks on while they are at work, until it has seen it."""
    async with a_rush(real_database.url, TwilioStandIn, [control, control], LONGEST) as (provider, host, running):
        while not any(re.search(seen, each) for each in await judged([], provider, host)):
            assert all(process.returncode is None for process in running), "they have ended, and it has seen nothing"
            await asyncio.sleep(0.2)


async def take_back(message):
    await outbox.void(about=(message["about_kind"], message["about_id"]), why="off")


async def put_back_by_staff(message, person):
    await sending_again.take_back(message["id"], why="", by=person)
    await sending_again.put_back(message["id"], by=person)


async def queued_anew(message, person):
    await take_back(message)
    await queue_reminder(person, key="one")


@pytest.mark.parametrize(
    ("is_tried", "asked_for_anew"), [(False, put_back_by_staff), (False, queued_anew), (True, queued_anew)]
)
async def test_what_was_taken_back_and_is_asked_for_anew_is_judged_to_be_right(
    real_database, sending, twilio, host, is_tried, asked_for_anew
):
    await steps.write_down()
    person, twilio.faults = await make.person(), ["500"] if is_tried else []
    message = await queue_reminder(person, key="one")
    if is_tried:
        await deliver(sending(twilio))
    await asked_for_anew(message, person)
    await deliver(sending(twilio), times=2)
    assert len(twilio.accepted) == 1 and await judged([], keeping_ours(twilio, message), host) == []


async def begun_without_a_look(row, *_):
    await take_back(row)
    await db.execute("UPDATE message SET attempts = attempts + 1 WHERE id = $1", row["id"])
    return True


async def not_begun(row, *_):
    return True


async def put_in_line_by_the_worker(row, *_):
    await take_back(row)
    await db.execute("UPDATE message SET state = 'queued' WHERE id = $1", row["id"])
    return False


@pytest.mark.parametrize(
    ("begin", "seen"),
    [
        (begun_without_a_look, "begun after it was taken back"),
        (not_begun, "left without being begun"),
        (put_in_line_by_the_worker, "queued with nobody asking for it"),
    ],
)
async def test_the_judge_sees_a_worker_that_does_not_look(
    real_database, sending, twilio, host, monkeypatch, begin, seen
):
    await steps.write_down()
    message = await queue_reminder()
    monkeypatch.setattr(claims, "begin", begin)
    await deliver(sending(twilio))
    assert seen in "\n".join(await judged([], keeping_ours(twilio, message), host))


def keeping_ours(stand_in, message):
    """The stand-in, all of whose texts are this message."""
    for each in stand_in.accepted:
        each["ours"] = str(message["id"])
    return stand_in

"""Two hundred people with hours of all sorts, two days minute by minute over a change of the clocks: nothing ever leaves outside,
and nothing is lost."""

import random
from datetime import date, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
import time_machine

from booking import clock, db
from booking.messages import claims, hours, outbox
from booking.messages.delivery import deliver_due
from tests import make
from tests.messages import examples

pytestmark = pytest.mark.usefixtures("emptied")

PEOPLE, MINUTES = 200, 2 * 24 * 60
KINDS = (
    "reminder_days",
    "reminder_hours",
    "cancellation",
    "changed",
    "goes_on",
    "missed",
    "confirmation",
    "offer",
    "code",
)
FRESH = timedelta(minutes=15)


def time(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def any_hours(chance: random.Random) -> dict[str, str]:
    days = "".join(day for day in "0123456" if chance.random() < 0.7) if chance.random() < 0.4 else ""
    if chance.random() < 0.25:
        return {"safe_days": days}
    start = chance.randrange(1440)
    return {"safe_from": time(start), "safe_to": time((start + chance.randrange(20, 900)) % 1440), "safe_days": days}


class Oracle:
    """Whether somebody may be written to, reckoned minute by minute in another way than the program does."""

    def __init__(self, person):
        self.person = person
        start, end = [int(t[:2]) * 60 + int(t[3:]) if t else None for t in (person.safe_from, person.safe_to)]
        length = 1440 if start is None else (end - start) % 1440 or 1440
        self.safe = {
            (start or 0) + n for n in range(length)
        }  # from midnight of the day it begins on, past 1440 the next
        loud = set(range(8 * 60, 20 * 60))
        self.quiet = set() if not {minute % 1440 for minute in self.safe} & loud else set(range(1440)) - loud

    def allows(self, channel, message, now) -> bool:
        wall = clock.local(now)
        minute, day = wall.hour * 60 + wall.minute, wall.weekday()
        days = {int(each) for each in self.person.safe_days} or set(range(7))
        is_safe = (minute in self.safe and day in days) or (minute + 1440 in self.safe and (day - 1) % 7 in days)
        is_fresh = message.kind in ("code", "confirmation", "missed") and now - message.at <= FRESH
        is_urgent = message.is_soon and self.person.hears_urgent and not message.kind.startswith("reminder")
        return is_safe and (channel == "email" or is_fresh or is_urgent or minute not in self.quiet)


async def people(chance):
    made = []
    for n in range(PEOPLE):
        values = {"phone": f"+447700{900000 + n}", "email": f"p{n}@mail.example" if chance.random() < 0.5 else ""}
        channel = chance.choice(["sms", "sms", "sms", "call", "none"] + (["email"] if values["email"] else []))
        options = {"is_discreet": chance.random() < 0.2, "hears_urgent": chance.random() < 0.3}
        made.append(await make.person(channel=channel, **values, **options, **any_hours(chance)))
    return made


async def queue(chance, person, kind):
    now = clock.now()
    if kind == "code":
        await outbox.queue_code(
            kind="sign_in_code", channel="sms", address=person.phone, code="123456", about=("code", uuid4()),
            dedupe_key=f"{uuid4()}", expires_at=now + timedelta(minutes=10), person=person,
        )  # fmt: skip
        return SimpleNamespace(kind=kind, at=now, is_soon=True)
    ahead = timedelta(minutes=chance.randrange(60, 60 * 60))
    said = examples.said(session_id=uuid4(), starts_at=now + ahead, ends_at=now + ahead + timedelta(hours=1))
    facts = {name: value for name, value in examples.facts(said).items() if name not in ("name", "marker")}
    await outbox.queue(
        person=person, kind=kind, facts=facts | {"dates": [said], "was": [said]}, about=("booking", uuid4()),
        dedupe_key=f"{uuid4()}", expires_at=said.starts_at,
    )  # fmt: skip
    return SimpleNamespace(kind=kind, at=now, is_soon=ahead <= timedelta(hours=24) or kind == "offer")


@pytest.mark.parametrize("day", [date(2027, 10, 30), date(2027, 3, 27)])
async def test_nothing_leaves_outside_and_nothing_is_lost(sending, twilio, host, monkeypatch, day):
    monkeypatch.setattr(hours, "_county", hours.Hours("20:00", "08:00"))
    chance = random.Random(day.toordinal())
    configured = sending(twilio, host).with_("messages", at_once=4)
    begins = clock.at(day, "12:00")
    with time_machine.travel(begins, tick=False) as travelled:
        everybody = await people(chance)
        oracles = {each.phone: Oracle(each) for each in everybody}
        by_mail = {each.email: oracles[each.phone] for each in everybody}
        plan = {}
        for _ in range(2 * PEOPLE):
            plan.setdefault(chance.randrange(MINUTES - 60), []).append((chance.choice(everybody), chance.choice(KINDS)))
        queued: dict[str, list] = {}
        seen = 0, 0
        for minute in range(MINUTES):
            travelled.move_to(begins + timedelta(minutes=minute))
            for person, kind in plan.get(minute, ()):
                queued.setdefault(person.phone, []).append(await queue(chance, person, kind))
            await deliver_due(configured, "w")
            if minute % 10 == 0:
                await claims.miss_expired()
            seen = check(seen, twilio, host, oracles, by_mail, queued)
        travelled.move_to(begins + timedelta(days=20))
        await claims.miss_expired()
    await nothing_is_lost()


def check(seen, twilio, host, oracles, by_mail, queued):
    """What has been accepted since: each by somebody who may hear something of theirs at this minute."""
    told = [("sms", oracles[text["to"]]) for text in twilio.accepted[seen[0] :]]
    told += [("email", by_mail[mail.to]) for mail in host.accepted[seen[1] :]]
    for channel, oracle in told:
        theirs = queued[oracle.person.phone]
        wall = clock.local(clock.now())
        assert any(oracle.allows(channel, each, clock.now()) for each in theirs), (channel, vars(oracle.person), wall)
        if not any(each.kind == "code" for each in theirs):
            chosen = oracle.person.channel
            assert chosen in ("sms", "email") and (channel == chosen or not oracle.person.is_discreet)
    return len(twilio.accepted), len(host.accepted)


async def nothing_is_lost():
    rows = await db.rows(
        "SELECT m.channel, m.kind, m.state, m.error, d.state AS digest FROM message m LEFT JOIN message d ON d.id = m.digest_id"
    )
    ends = {"sent", "missed", "merged", "void"}
    assert len(rows) > PEOPLE and {each["state"] for each in rows} <= ends, {each["state"] for each in rows}
    assert all(each["error"] for each in rows if each["state"] in ("missed", "void"))
    assert all(each["digest"] == "sent" for each in rows if each["state"] == "merged")
    assert sum(each["state"] == "sent" for each in rows) > PEOPLE // 2
    assert not [each for each in rows if each["channel"] == "call" and each["state"] == "sent"]

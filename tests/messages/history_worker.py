"""One of several processes in which everything happens to messages at once; by test_history.py.

python -m tests.messages.history_worker URL ROLE SMS MAIL_PORT STAFF SEED SECONDS

ROLE: "jobs" runs the timetable's message jobs; "acts" does what families and staff do; "claims off" and "merged kept" are jobs as they
must not be. Prints what was done, what went wrong, and from when to when each person came to want nothing or something, as JSON.
"""

import asyncio
import json
import random
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from booking import clock, db, settings
from booking.messages import calls, claims, digests, inbox, sender, sending_again
from booking.people import keeping_contact
from booking.people.contact_form import Reach
from booking.people.signing_in import Who
from booking.problems import Refused
from booking.programmes.notices import sending_notices
from booking.programmes.notices.finding_about import find_about
from booking.programmes.notices.notice_words import Typed
from booking.programmes.waiting import offer_times
from jobs import shells
from tests.messages.worker import NEVER_QUIET
from tests.programmes import course_rush, everything
from tests.programmes.everything import one_of
from tests.standins import keys

JOBS = (
    "deliver", "settle_reports", "queue_reminders", "queue_notices", "answer_texts", "offer_places", "mark_missed", "tidy",
)  # fmt: skip
LEASE = timedelta(seconds=30)
times: dict[str, dict[str, list[tuple[float, float]]]] = defaultdict(lambda: defaultdict(list))
TEXTS = ("NO", "YES", "1", "no thanks", "STOP", "START", "Where is it?", "Thank you")


def claims_off() -> None:
    async def take(worker, channels, limit, which):
        return await db.rows(
            f"SELECT * FROM message WHERE state IN ('queued', 'claimed') AND next_try_at <= $1 AND channel IN"
            f" {db.in_list(channels, 3)} ORDER BY id LIMIT $2",
            clock.now(), limit, *channels,
        )  # fmt: skip

    async def begin(row, *_):
        await db.execute(
            "UPDATE message SET state = 'claimed', claimed_by = $2 WHERE id = $1", row["id"], row["claimed_by"]
        )
        return True

    claims._take, claims.begin = take, begin


def merged_kept() -> None:
    gather = digests.gather

    async def gathering():
        made = await gather()
        await db.execute("UPDATE message SET state = 'queued' WHERE state = 'merged'")
        return made

    async def never_spoilt(row):
        return False

    digests.gather, digests.is_spoilt = gathering, never_spoilt


async def time_passes() -> None:
    """What waits for later is due."""
    await db.execute(
        "UPDATE message SET next_try_at = $1 WHERE id IN (SELECT id FROM message WHERE state = 'queued' AND next_try_at > $1"
        f" {db.skip_locked()})",
        clock.now(),
    )
    await db.execute("DELETE FROM pace")


@dataclass
class Timetable:
    """Stops as if an operator had said so: of a batch that is under way the rest goes back."""

    worker: str
    until: float

    @property
    def is_stopping(self) -> bool:
        return time.monotonic() >= self.until


async def jobs(loaded, seed: int, until: float, done: Counter, wrong: list) -> None:
    timetable = Timetable(f"worker {seed}", until)

    async def job(name):
        while time.monotonic() < until:
            try:
                await getattr(shells, name)(loaded, timetable)
                done[name] += 1
            except Exception as trouble:
                wrong.append(f"{name}: {type(trouble).__name__}: {trouble}")
            await asyncio.sleep(0.05)

    async def passing():
        while time.monotonic() < until:
            await time_passes()
            await asyncio.sleep(0.5)

    await asyncio.gather(*(job(name) for name in JOBS), *([passing()] if seed % 2 else []))


async def a_person(chance) -> dict:
    return await one_of(
        chance,
        "SELECT id, phone, email, is_discreet FROM person WHERE family_id IS NOT NULL AND name NOT LIKE 'Held%' ORDER BY id",
    )


async def contact(chance, who) -> None:
    person = await a_person(chance)
    way = chance.choice(("sms", "sms", "email", "call", "none"))
    phone = f"+4477008{chance.randrange(100000):05}" if chance.random() < 0.4 else None
    reach = Reach(
        way if way != "email" or person["email"] else "sms",
        phone=phone,
        is_discreet=chance.random() < 0.15,
        hears_urgent=True,
    )
    began = time.time()
    await keeping_contact.save(person["id"], reach, who, is_proved=True)
    times["none" if reach.channel == "none" else "some"][str(person["id"])].append((began, time.time()))


async def text(chance, who) -> None:
    person = await a_person(chance)
    await inbox.keep(
        provider="twilio", provider_reference=f"SMin{chance.random()}", sender=person["phone"], receiver="",
        body=chance.choice(TEXTS),
    )  # fmt: skip


async def notice(chance, who) -> None:
    date = await everything.a_date(chance)
    about = await find_about(who, "session", date["id"])
    if about:
        typed = Typed(f"Please bring a coat. {chance.random()}")
        await sending_notices.send(
            about,
            about.audience(),
            typed,
            form_token=str(chance.random()),
            by=who,
            undo_minutes=chance.choice((0, 0, 10)),
        )


async def undo_notice(chance, who) -> None:
    one = await one_of(chance, "SELECT id, state FROM notice WHERE state <> 'undone' ORDER BY id")
    if one["state"] == "waits" and chance.random() < 0.6:
        await sending_notices.send_now(notice_id=one["id"], by=who)
    else:
        await sending_notices.undo(notice_id=one["id"], by=who)


async def ring(chance, who) -> None:
    one = await one_of(chance, "SELECT id FROM message WHERE channel = 'call' AND state = 'queued' ORDER BY id")
    await calls.settle(one["id"], who, chance.choice(("spoke", "spoke", "no answer", "gave up")))


async def by_hand(chance, who) -> None:
    one = await one_of(chance, "SELECT id, state FROM message WHERE state IN ('failed', 'queued', 'void') ORDER BY id")
    if one["state"] == "failed":
        await sending_again.send_again(one["id"], by=who)
    elif one["state"] == "queued":
        await sending_again.take_back(one["id"], why="", by=who)
    else:
        await sending_again.put_back(one["id"], by=who)


ACTS = [
    *[everything.book] * 6, *[everything._of_families(course_rush.give_up)] * 2, *[everything.change] * 2, *[everything.switch] * 2,
    *[everything.cancel] * 2, *[everything.undo] * 5, *[everything.answer] * 2, *everything.FAMILIES, *[contact] * 6, *[text] * 4,
    *[notice] * 2, undo_notice, *[ring] * 2, *[by_hand] * 3,
]  # fmt: skip


async def acts(who: Who, seed: int, until: float, done: Counter, wrong: list) -> None:
    chance = random.Random(seed)
    while time.monotonic() < until:
        act = chance.choice(ACTS)
        try:
            await act(chance, who)
            done[act.__name__] += 1
        except Refused:
            done[f"{act.__name__} refused"] += 1
        except Exception as trouble:
            wrong.append(f"{act.__name__}: {type(trouble).__name__}: {trouble}")
        await asyncio.sleep(0.005)


def loaded_for(sms: str, mail_port: str):
    loaded = settings.load(environment=keys.ENVIRONMENT).with_("site", base_url="https://hubs.dorset.example")
    return loaded.with_(
        "messages", timeout_seconds=5, mail_from="hubs@dorset.example", mail_host="127.0.0.1", mail_port=int(mail_port),
        mail_security="none", sms_an_hour_to_one=500, sms_a_day_to_one=500, **NEVER_QUIET, **json.loads(sms),
    )  # fmt: skip


async def main(url: str, role: str, sms: str, mail_port: str, staff: str, seed: str, seconds: str) -> None:
    loaded = replace(loaded_for(sms, mail_port), database=settings.Database(url=url, pool=8))
    sender.use(loaded)
    offer_times.use(loaded.offers, loaded.messages)
    clock.use_zone("Europe/London")
    await db.open_database(loaded.database)
    person, hub = (UUID(each) for each in staff.split(","))
    at = frozenset({hub})
    who = Who(person, "Maya", None, "", "", "", frozenset({"hub_manager"}), at, managed_hubs=at)
    {"claims off": claims_off, "merged kept": merged_kept}.get(role, lambda: None)()
    done, wrong, until = Counter(), [], time.monotonic() + float(seconds)
    await (acts(who, int(seed), until, done, wrong) if role == "acts" else jobs(loaded, int(seed), until, done, wrong))
    await db.close_database()
    print(json.dumps({"done": done, "wrong": wrong, "times": times}))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

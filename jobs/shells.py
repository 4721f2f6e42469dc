"""What each line of the timetable calls: a verb of an area, and a few words on what it did."""

import os
import secrets
import socket
import time
from typing import TYPE_CHECKING

from booking.messages import bounces, claims, delivery, inbox, reports
from booking.people import forgetting as people_forgetting
from booking.people import warning_partners
from booking.places import answering_swaps, filling_dates, keeping_bank_holidays, lapsing_requests, reminding_partners
from booking.programmes import forgetting, reconciling, reminding
from booking.programmes.appointments import keeping_slots
from booking.programmes.bookings import guests, leasing
from booking.programmes.notices import queueing_notices
from booking.programmes.plans import deciding_numbers
from booking.programmes.texts import answering_texts
from booking.programmes.waiting import ending_offers, offering
from booking.rotas import following, published_lists
from booking.rotas import reminding as reminding_of_duties
from booking.rotas.duties import overtaken
from booking.rotas.people_who_work import keeping
from booking.rotas.planner import running
from booking.rotas.repair import answering_cover, closing_asks
from booking.settings import Settings
from jobs import ticks

if TYPE_CHECKING:
    from jobs.timetable import Timetable

BATCH = 100
LONGEST_RUN = 60.0  # seconds in which a backlog is worked off before the tick is written and the next run takes over


def worker_name() -> str:
    """Who claims: machine, process and a random part, because process numbers come back."""
    return f"{socket.gethostname()[:30]}:{os.getpid()}:{secrets.token_hex(3)}"


async def deliver(settings: Settings, timetable: "Timetable") -> str:
    """Works off what is due, batch by batch."""
    until, total = time.monotonic() + LONGEST_RUN, delivery.Delivered()
    while not timetable.is_stopping and time.monotonic() < until:
        batch = await delivery.deliver_due(settings, timetable.worker, BATCH, is_stopping=lambda: timetable.is_stopping)
        total.add(batch)
        if not batch.full:
            break
    return str(total) if total.claimed else ""


async def settle_reports(settings: Settings, timetable: "Timetable") -> str:
    """What providers said became of messages; a backlog is worked off batch by batch."""
    until, total = time.monotonic() + LONGEST_RUN, 0
    while settled := 0 if timetable.is_stopping or time.monotonic() > until else await reports.settle_due():
        total += settled
    return f"{total} reports settled" if total else ""


async def mark_missed(settings: Settings, timetable: "Timetable") -> str:
    missed = await claims.miss_expired()
    return f"{missed} missed" if missed else ""


async def queue_reminders(settings: Settings, timetable: "Timetable") -> str:
    looked_at = await reminding.queue_due(await ticks.last_finished("queue reminders"))
    return f"{looked_at} reminders settled" if looked_at else ""


async def remind_of_duties(settings: Settings, timetable: "Timetable") -> str:
    await published_lists.settle()
    reminded = await reminding_of_duties.remind()
    return f"{reminded} people reminded of their duties" if reminded else ""


async def queue_notices(settings: Settings, timetable: "Timetable") -> str:
    dealt = await queueing_notices.queue_due(is_stopping=lambda: timetable.is_stopping)
    return str(dealt) if dealt.queued or dealt.left_out or dealt.finished else ""


async def remind_partners(settings: Settings, timetable: "Timetable") -> str:
    settled = await reminding_partners.remind()
    return f"{settled} reminders of rooms settled" if settled else ""


async def free_expired_leases(settings: Settings, timetable: "Timetable") -> str:
    freed = await leasing.free_expired()
    return f"{freed} leases freed" if freed else ""


async def offer_places(settings: Settings, timetable: "Timetable") -> str:
    """Offers whose time is over end first, so that the next in line is asked in the same run."""
    ended, made = await ending_offers.expire_due(), await offering.offer_free_places()
    return f"{made} places offered, {ended} offers ran out" if made or ended else ""


async def answer_texts(settings: Settings, timetable: "Timetable") -> str:
    """What people on the rota were asked is answered beside what families were; and who need not answer any more, or has nothing to swap any more,
    is told."""
    answered, closed = await answering_texts.answer_new(answering_cover.COVER), await closing_asks.settle()
    ended = await overtaken.settle()
    done = answered or closed or ended
    return f"{answered} texts read, {closed} asked no more to cover, {ended} swaps ended" if done else ""


async def read_bounces(settings: Settings, timetable: "Timetable") -> str:
    """Mails that came back, where a mailbox of them is set."""
    return await bounces.read_new(settings)


async def let_lapsed_requests_go(settings: Settings, timetable: "Timetable") -> str:
    lapsed = await lapsing_requests.let_lapsed_go()
    return f"{lapsed} requests hold no more" if lapsed else ""


async def offer_free_dates(settings: Settings, timetable: "Timetable") -> str:
    offered = await filling_dates.offer_free_dates()
    return f"{offered} missing dates offered" if offered else ""


async def lapse_swaps(settings: Settings, timetable: "Timetable") -> str:
    lapsed = await answering_swaps.lapse_swaps()
    return f"{lapsed} swaps lapsed" if lapsed else ""


async def warn_partners(settings: Settings, timetable: "Timetable") -> str:
    warned = await warning_partners.queue_due()
    return f"{warned} warnings to partners" if warned else ""


async def warn_of_numbers(settings: Settings, timetable: "Timetable") -> str:
    """Managers hear of courses with too few bookings, and guests of dates that are over free their places."""
    warned, freed = await deciding_numbers.warn_due(), await guests.tidy()
    return f"{warned} courses with too few booked, guests of {freed} runs" if warned or freed else ""


async def make_slots(settings: Settings, timetable: "Timetable") -> str:
    """Clinics whose dates came some other way get their slots."""
    made = await keeping_slots.make_missing()
    return f"{made} slots made" if made else ""


async def follow_timetable(settings: Settings, timetable: "Timetable") -> str:
    """Shifts follow sessions and opening hours."""
    return await following.follow(weeks_ahead=settings.rotas.weeks_ahead, own_hosts=settings.rotas.own_hosts)


async def draft_rotas(settings: Settings, timetable: "Timetable") -> str:
    """A line of its own, so that a draft in a second never waits behind a thorough plan."""
    return await running.work_next("greedy", lambda: timetable.is_stopping)


async def plan_rotas(settings: Settings, timetable: "Timetable") -> str:
    return await running.work_next("solver", lambda: timetable.is_stopping)


async def fill_bank_holidays(settings: Settings, timetable: "Timetable") -> str:
    changed = await keeping_bank_holidays.fill()
    return f"{changed} bank holidays written from the list" if changed else ""


async def tidy(settings: Settings, timetable: "Timetable") -> str:
    """Forgets what is kept no longer than needed; whoever has left does not sign in to duties any more."""
    codes, drafts = await claims.wipe_secrets(), await leasing.forget_drafts()
    old, needs = await people_forgetting.forget_old(), await forgetting.wipe_needs()
    texts, _ = await inbox.forget_old(), await ticks.forget_old()
    await reports.forget_old()
    await running.forget_old()
    await keeping.close_doors()
    return f"{codes} codes wiped, {drafts} unfinished forms, {old} old tokens, {texts} texts and {needs} families' needs forgotten"


async def reconcile_counters(settings: Settings, timetable: "Timetable") -> str:
    return f"{await reconciling.reconcile()} counters put right"

"""What each line of the timetable calls: a verb of an area, and a few words on what it did."""

import os
import secrets
import socket
import time
from typing import TYPE_CHECKING

from booking.messages import claims, delivery
from booking.people import forgetting as people_forgetting
from booking.people import warning_partners
from booking.places import answering_swaps, filling_dates, lapsing_requests, reminding_partners
from booking.programmes import forgetting, leasing, reconciling, reminding
from booking.settings import Settings

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
        if batch.claimed < BATCH:
            break
    return str(total) if total.claimed else ""


async def mark_missed(settings: Settings, timetable: "Timetable") -> str:
    missed = await claims.miss_expired()
    return f"{missed} missed" if missed else ""


async def queue_reminders(settings: Settings, timetable: "Timetable") -> str:
    looked_at = await reminding.queue_due()
    return f"{looked_at} reminders settled" if looked_at else ""


async def remind_partners(settings: Settings, timetable: "Timetable") -> str:
    settled = await reminding_partners.remind()
    return f"{settled} reminders of rooms settled" if settled else ""


async def free_expired_leases(settings: Settings, timetable: "Timetable") -> str:
    freed = await leasing.free_expired()
    return f"{freed} leases freed" if freed else ""


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


async def tidy(settings: Settings, timetable: "Timetable") -> str:
    """Forgets what is kept no longer than needed."""
    codes, drafts = await claims.wipe_secrets(), await leasing.forget_drafts()
    old, needs = await people_forgetting.forget_old(), await forgetting.wipe_needs()
    return f"{codes} codes wiped, {drafts} unfinished forms, {old} old tokens and {needs} families' needs forgotten"


async def reconcile_counters(settings: Settings, timetable: "Timetable") -> str:
    return f"{await reconciling.reconcile()} counters put right"

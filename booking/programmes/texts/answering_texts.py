"""What families text us: YES or NO to an offer or a reminder, a number of what we asked; STOP is kept as the provider keeps it;
everything else goes to a person.

A number proves little, so a text does no more than its sender could by their own links. Each is dealt with once, in one
transaction with what it did.
"""

import logging
from typing import Any
from uuid import UUID

from tortoise.exceptions import OperationalError

from booking import db
from booking.messages import inbox, outbox
from booking.people.models import Person
from booking.programmes.texts import acting, choosing, in_question, who_reads
from booking.programmes.texts.beside_families import NOTHING, Besides

logger = logging.getLogger("booking.texts")
MOST_AT_ONCE = 200
MOST_A_DAY = 20  # from one number; beyond that it is a machine, or somebody who needs a person


async def answer_new(besides: Besides = NOTHING) -> int:
    """Deals with the texts that came since; returns how many. `besides` is what else numbers are asked."""
    done = 0
    while done < MOST_AT_ONCE and await _answer_next(besides):
        done += 1
    return done


async def _answer_next(besides: Besides) -> bool:
    """One text; where something in it goes wrong a person reads it, so that it keeps no other from being answered."""
    taken: list[UUID] = []
    try:
        return await db.run_tx(lambda: _answer_one(taken, besides))
    except OperationalError:
        raise  # the database: the next run of the job tries again
    except Exception:
        logger.exception("a text could not be answered")
        if not taken:
            raise
        await inbox.settle(taken[0], state="unclear")
        return True


async def _answer_one(taken: list[UUID], besides: Besides) -> bool:
    text = await inbox.take_new()
    if text is None:
        return False
    taken[:] = [text["id"]]
    says = inbox.read(text)
    if says.says not in ("stop", "start") and await inbox.since_yesterday(text) > MOST_A_DAY:
        await leave_to_a_person(text)
        return True
    if says.says in ("stop", "start") or (says.says == "yes" and await _is_opted_out(text["sender"])):
        await _opt(text, is_out=says.says == "stop")
    if says.says == "number":
        await _pick(text, says.number, besides)
    elif says.says == "yes":
        await _yes(text, besides)
    elif says.says == "no":
        await _no(text, besides)
    elif says.says == "thanks":
        await _thanks(text, besides)
    elif says.says == "unclear":
        await leave_to_a_person(text)
    return True


async def _is_opted_out(phone: str) -> bool:
    return (
        await db.row("SELECT id FROM person WHERE phone = $1 AND phone_state = 'opted_out' LIMIT 1", phone) is not None
    )


async def _opt(text: dict[str, Any], *, is_out: bool) -> None:
    """The provider sends that number nothing from now on (or again), whatever we ask it; so all rows with it say the same."""
    await db.execute(
        "UPDATE person SET phone_state = $2 WHERE id IN (SELECT id FROM person WHERE phone = $1 AND phone_state"
        + (" <> 'opted_out'" if is_out else " = 'opted_out'") + db.lock_in_order() + ")",
        text["sender"], "opted_out" if is_out else "ok",
    )  # fmt: skip
    await acting.settle(
        text,
        hub_id=await who_reads.hub_of(text["sender"]),
        said_back="No texts any more" if is_out else "Texts again",
    )


async def _pick(text: dict[str, Any], number: int, besides: Besides) -> None:
    asked = await inbox.question(text["sender"], text["received_at"])
    option = next((each for each in asked.options if each["number"] == number), None) if asked else None
    if option is None or not await acting.do_option(text, option, besides):
        await leave_to_a_person(text)


async def _yes(text: dict[str, Any], besides: Besides) -> None:
    """To an offer, to what is asked besides, to what was just given up, or to a reminder, which has nothing to be done."""
    phone, at = text["sender"], text["received_at"]
    offers, back = await in_question.offers_of(phone), _to_take_back(await inbox.question(phone, at))
    things = await in_question.open_offers(offers, at, "take") + await besides.open_for(phone, at, is_yes=True)
    if back and not things:
        await acting.do_option(text, back)
    elif things:
        await _do_or_ask(text, things, besides, beside=[back] if back else [])
    else:
        await _yes_to_nothing_open(text, offers, besides)


def _to_take_back(asked: Any) -> dict[str, Any] | None:
    """What a YES takes back: a place that was given up by text a moment ago."""
    return next((each for each in asked.options if each["number"] == 0), None) if asked else None


async def _yes_to_nothing_open(text: dict[str, Any], offers: list[dict[str, Any]], besides: Besides) -> None:
    places = await in_question.places_of(text["sender"], text["received_at"])
    heard = [each.told_at for each in places[:1]] + [each["created_at"] for each in offers[:1]]
    if await besides.say_how_it_is(text, max(heard, default=None)):
        return
    if places and (not offers or places[0].told_at > offers[0]["expires_at"]):
        place = places[0]
        await acting.settle(
            text,
            about=("booking", place.id),
            hub_id=place.hub_id,
            person_id=place.person_id,
            said_back="Says they come",
        )
    elif not offers or not await acting.say_how_it_is(text, offers[0]):
        await leave_to_a_person(text)


async def _no(text: dict[str, Any], besides: Besides) -> None:
    """To an offer that is open, or to the place of which the number has just heard. One thing in question: done; several: asked."""
    phone, at = text["sender"], text["received_at"]
    asked = await inbox.question(phone, at)
    offers = await in_question.offers_of(phone)
    things = await in_question.open_offers(offers, at, "pass") + await in_question.places_of(phone, at)
    things += await besides.open_for(phone, at, is_yes=False)
    back = _to_take_back(asked)
    if asked and back and not any(each.told_at > asked.asked_at for each in things):
        await acting.settle(text, about=(back["kind"], UUID(back["id"])), said_back="Had given it up already")
        return
    await _do_or_ask(text, in_question.meant(things, at), besides)


async def _do_or_ask(
    text: dict[str, Any],
    things: list[in_question.Thing],
    besides: Besides,
    *,
    beside: list[dict[str, Any]] | None = None,
) -> None:
    """Nothing restricted is ever one of several: who it is for sees it, but so does whoever holds that phone."""
    if len(things) == 1 and not beside and things[0].does != "ask":
        await acting.do(text, things[0], besides)
        return
    is_to_be_asked = things and not any(each.is_restricted or each.does == "ask" for each in things)
    if not is_to_be_asked or not await choosing.ask_which(text, things, beside or []):
        await leave_to_a_person(text)


async def _thanks(text: dict[str, Any], besides: Besides) -> None:
    """A thank-you asks for nothing, unless it could be meant for an offer."""
    offers = await in_question.offers_of(text["sender"])
    at = text["received_at"]
    is_open = await in_question.open_offers(offers, at, "take") or await besides.open_for(
        text["sender"], at, is_yes=True
    )
    if is_open:
        await leave_to_a_person(text)
    else:
        await acting.settle(text, hub_id=await who_reads.hub_of(text["sender"]), said_back="Says thank you")


async def leave_to_a_person(text: dict[str, Any]) -> None:
    """Staff of the hub that wrote to this number last read it; its sender hears so, once a day."""
    phone = text["sender"]
    hub_id, people = await who_reads.hub_of(phone), await who_reads.people_of(phone)
    await inbox.settle(
        text["id"], state="unclear", hub_id=hub_id, person_id=people[0]["id"] if len(people) == 1 else None
    )
    if people:
        await outbox.queue(
            person=await Person.get(id=people[0]["id"]),
            kind="text_read",
            about=("text", text["id"]),
            dedupe_key=f"text_read:{phone}:{acting.day_of(text)}",
            facts={"is_discreet": True} if await who_reads.is_of_restricted(phone) else {},
            hub_id=hub_id,
        )

"""What a manager does on the cover board: asks people, or gives a duty to somebody who has said yes on the telephone."""

from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import db, web
from booking.problems import Problem, Refused
from booking.rotas.pages.cover import board
from booking.rotas.pages.cover.asked import HOME, asked_of, hubs_of, uuid_of
from booking.rotas.repair import accepting, asking
from booking.rotas.repair.asking import Asked
from booking.rotas.seeing import may_act_on
from booking.web import access
from booking.who_asks import staff_of
from booking.words import count_words


async def _typed(request: Request) -> list[UUID]:
    """The people whom the form names, each once."""
    async with request.form(max_files=0, max_fields=100) as form:
        return list(dict.fromkeys(filter(None, (uuid_of(each) for each in form.getlist("staff")))))


async def _shift(request: Request) -> UUID:
    """A shift of a hub that they manage and may read; 404 for any other."""
    who, shift_id = await staff_of(request), web.uuid_in_path(request, "shift")
    if not await may_act_on([shift_id], who):
        raise HTTPException(404)
    return shift_id


async def _back(request: Request) -> str:
    """The board to go back to; 404 where its hub is none that they manage, so it is asked for before anything is done."""
    return asked_of(request, await hubs_of(await staff_of(request))).href()


@access("manager")
async def ask(request: Request) -> Response:
    shift_id, back, staff_ids = await _shift(request), await _back(request), await _typed(request)
    try:
        asked = await asking.ask(shift_id=shift_id, staff_ids=staff_ids, by=await staff_of(request))
    except Refused as refused:
        return await board.page(request, _beside(refused.problems, shift_id), shift_id)
    web.flash(request, words_of(asked))
    return web.go(back)


def _beside(problems: list[Problem], shift_id: UUID) -> list[Problem]:
    return [Problem(each.words, f"ask-{shift_id}", rule=each.rule) for each in problems]


def words_of(asked: Asked) -> str:
    """ "3 people are asked. The first yes has it." and whom it does not reach."""
    parts = (
        [f"{count_words(asked.count, 'person is', 'people are')} asked. The first yes has it."] if asked.count else []
    )
    if asked.unreached:
        parts.append(f"No message reaches {_list(asked.unreached)}: ring them.")
    if asked.asked_before:
        parts.append(f"{_list(asked.asked_before)} had been asked already.")
    if asked.unfit:
        parts.append(f"{_list(asked.unfit)} cannot take it any more.")
    return " ".join(parts) or "Nobody was asked."


def _list(names: tuple[str, ...]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


@access("manager")
async def give(request: Request) -> Response:
    shift_id, back, people = await _shift(request), await _back(request), await _typed(request)
    chosen = uuid_of(request.query_params.get("to", "")) or (people[0] if len(people) == 1 else None)
    before = await db.value("SELECT staff_id FROM assignment WHERE shift_id = $1 AND layer = 'draft'", shift_id)
    try:
        if chosen is None:
            raise Refused([asking.NOBODY])
        shift = await asking.shift_of(shift_id)
        if shift is None or not await asking.is_open_to_others(shift):
            raise Refused([asking.FILLED])
        count = await accepting.give(shift_id, before, chosen, by=await staff_of(request))
    except Refused as refused:
        return await board.page(request, _beside(refused.problems, shift_id), shift_id)
    name = (await asking.names_of([chosen])).get(chosen, "They")
    along = f" with {count_words(count - 1, 'duty', 'duties')} beside it" if count > 1 else ""
    web.flash(request, f"{name} has the duty{along} and is told. Whoever was asked is thanked.")
    return web.go(back)


routes = [
    Route(f"{HOME}/{{shift:uuid}}/ask", ask, name="ask_to_cover", methods=["POST"]),
    Route(f"{HOME}/{{shift:uuid}}/give", give, name="give_cover", methods=["POST"]),
]

"""How tests/test_trail.py calls the verbs of people on the rota: their answers and their swaps."""

from datetime import timedelta
from typing import Any

from booking import clock
from booking.places.models import Location
from booking.rotas import calendar_mails
from booking.rotas.duties import answering, swaps, wishes
from tests import make


def _day() -> Any:
    """A Monday in two weeks or three."""
    return clock.today() + timedelta(days=21 - clock.today().weekday())


async def _duty(session: Any) -> tuple[Any, Any, Any]:
    """A published duty at the session's hub, whose it is, and a colleague."""
    hub = await Location.get(id=session.location_id)
    shift = await make.shift(hub, date=_day())
    sam, kim = await make.worker(hub), await make.worker(hub)
    await make.assignment(shift, sam)
    return shift, sam, kim


async def _accept(session: Any, by: Any) -> None:
    shift, sam, _ = await _duty(session)
    await answering.accept(shift_id=shift.id, staff_id=sam.id, by=by)


async def _accept_all(session: Any, by: Any) -> None:
    _, sam, _ = await _duty(session)
    assert await answering.accept_all(staff_id=sam.id, by=by) == 1


async def _decline(session: Any, by: Any) -> None:
    shift, sam, _ = await _duty(session)
    await answering.decline(shift_id=shift.id, staff_id=sam.id, words="Dentist", by=by)


async def _ask(session: Any, by: Any) -> tuple[Any, Any, Any]:
    shift, sam, kim = await _duty(session)
    swap_id = await swaps.ask(
        shift_id=shift.id, from_staff_id=sam.id, to_staff_id=kim.id, in_return_id=None, words="", by=by
    )
    return swap_id, sam, kim


async def _agree(session: Any, by: Any) -> Any:
    swap_id, _, kim = await _ask(session, by)
    await swaps.agree(swap_id=swap_id, staff_id=kim.id, by=by)
    return swap_id


async def _cannot(session: Any, by: Any) -> None:
    swap_id, _, kim = await _ask(session, by)
    await swaps.decline(swap_id=swap_id, staff_id=kim.id, words="", by=by)


async def _withdraw(session: Any, by: Any) -> None:
    swap_id, sam, _ = await _ask(session, by)
    await swaps.withdraw(swap_id=swap_id, staff_id=sam.id, by=by)


async def _approve(session: Any, by: Any) -> None:
    await swaps.approve(swap_id=await _agree(session, by), by=by)


async def _refuse(session: Any, by: Any) -> None:
    await swaps.refuse(swap_id=await _agree(session, by), by=by, why="We need you both")


async def _mails(session: Any, by: Any) -> None:
    member = await make.worker(await Location.get(id=session.location_id))
    await calendar_mails.choose(staff_id=member.id, wants=True, by=by)


async def _wish(session: Any, by: Any) -> Any:
    member = await make.worker(await Location.get(id=session.location_id))
    await wishes.say(staff_id=member.id, kind="avoids", days=[4], start="00:00", end="24:00", by=by)
    return member


async def _no_wish(session: Any, by: Any) -> None:
    member = await _wish(session, by)
    await wishes.take_back(staff_id=member.id, kind="avoids", start="00:00", end="24:00", by=by)


CALLS = {
    "wishes.say": ("say wish", lambda s, r, by: _wish(s, by)),
    "wishes.take_back": ("take back wish", lambda s, r, by: _no_wish(s, by)),
    "calendar_mails.choose": ("calendar mails on", lambda s, r, by: _mails(s, by)),
    "answering.accept": ("accept duty", lambda s, r, by: _accept(s, by)),
    "answering.accept_all": ("accept duty", lambda s, r, by: _accept_all(s, by)),
    "answering.decline": ("decline duty", lambda s, r, by: _decline(s, by)),
    "swaps.ask": ("ask for duty swap", lambda s, r, by: _ask(s, by)),
    "swaps.agree": ("agree to duty swap", lambda s, r, by: _agree(s, by)),
    "swaps.decline": ("decline duty swap", lambda s, r, by: _cannot(s, by)),
    "swaps.withdraw": ("withdraw duty swap", lambda s, r, by: _withdraw(s, by)),
    "swaps.approve": ("approve duty swap", lambda s, r, by: _approve(s, by)),
    "swaps.refuse": ("refuse duty swap", lambda s, r, by: _refuse(s, by)),
}

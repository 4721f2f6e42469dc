"""What a proposal is made of."""

from dataclasses import dataclass
from uuid import UUID

from booking.rotas.candidates import Candidate
from booking.rotas.values import Duty


@dataclass(frozen=True, slots=True)
class Move:
    """One duty that another person does. before is None where nobody does it."""

    duty: Duty
    before: UUID | None
    after: UUID


@dataclass(frozen=True, slots=True)
class Step:
    """One open duty and what fills it: the move into it first, then who else moves. No moves: nobody can. chosen says why them."""

    duty: Duty
    moves: tuple[Move, ...] = ()
    chosen: Candidate | None = None

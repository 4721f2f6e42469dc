"""Who the session's page names and who the rota has published: a three-way merge, with what both said last as its base. Pure.

Decided in docs/decisions/names-and-rotas.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from booking.rotas.needs.of_sessions import plain


@dataclass(frozen=True, slots=True)
class Base:
    """What both said last: the name, and who was published (None where the name was nobody's on the rota)."""

    name: str = ""
    staff_id: UUID | None = None
    is_outside: bool = False


@dataclass(frozen=True, slots=True)
class Merged:
    """Who is in the shift now. `puts`: that is a change of the rota. `writes`: the name that the page is to have, None as it is.
    is_outside: somebody who is not on the rota does it."""

    staff_id: UUID | None
    name: str
    puts: bool = False
    writes: str | None = None
    is_outside: bool = False
    words: str = ""


def merge(
    base: Base,
    theirs: str,
    ours: UUID | None,
    known: Mapping[str, UUID],
    names: Mapping[UUID, str],
    *,
    may_write: bool = True,
) -> Merged:
    """theirs: the name on the page; ours: who is published. Without may_write the page keeps what it says."""
    own_name = names.get(ours, "") if ours else ""
    page = plain(theirs) != plain(base.name) or (base.is_outside and plain(theirs) in known)
    rota = ours != base.staff_id or (ours is not None and plain(own_name) != plain(base.name))
    if page and not (rota and ours):
        return _by_page(theirs, ours, known)
    if rota and may_write and plain(own_name) != plain(theirs):
        words = f"The session’s page said {theirs}; the rota has {own_name}." if page and theirs else ""
        return Merged(ours, own_name, writes=own_name, words=words)
    is_outside = bool(theirs) and ours is None and plain(theirs) not in known
    return Merged(ours, theirs, is_outside=is_outside)


def _by_page(theirs: str, ours: UUID | None, known: Mapping[str, UUID]) -> Merged:
    wanted = known.get(plain(theirs)) if theirs else None
    if wanted:
        return Merged(wanted, theirs, puts=wanted != ours)
    words = f"{theirs} leads it now and is not on the rota." if theirs and ours else ""
    return Merged(None, theirs, puts=ours is not None, is_outside=bool(theirs), words=words)

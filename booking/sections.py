"""The navigation above every page of one part of the staff's site: which of its pages are there and may be opened by somebody."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from starlette.routing import BaseRoute, Route

if TYPE_CHECKING:
    from booking.people.signing_in import Who


def sections_of(
    routes: Sequence[BaseRoute], sections: Sequence[tuple[str, str]]
) -> "Callable[[Who | None], list[tuple[str, str]]]":
    """What tells for somebody which of these (address, words) are there and may be opened by them."""
    audiences = {
        route.path: getattr(route.endpoint, "audience", "")
        for route in routes
        if isinstance(route, Route) and "GET" in (route.methods or ())
    }
    there = [(href, words, audiences[href]) for href, words in sections if href in audiences]

    def of(who: "Who | None") -> list[tuple[str, str]]:
        return [(href, words) for href, words, audience in there if _may_open(audience, who)]

    return of


def _may_open(audience: str, who: "Who | None") -> bool:
    if audience == "same machine":
        return True
    allowed = {"staff": "is_staff", "manager": "is_manager", "admin": "is_admin"}.get(audience)
    return bool(who and allowed and getattr(who, allowed))

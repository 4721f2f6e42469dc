"""The format of a text: `{field}` puts a fact in, `[[ ... ]]` is left out when a field in it has nothing to say.

Nothing else is special. What goes in for a field is never looked at again: braces and brackets that somebody typed into
a title stay what they are.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

TOKEN = re.compile(r"\[\[|\]\]|\{[a-z_]+\}|[\[\]{}]")


class Unreadable(ValueError):
    """A text that is not written in the format; says why, in words for whoever wrote it."""


@dataclass(frozen=True, slots=True)
class Field:
    name: str


@dataclass(frozen=True, slots=True)
class Optional:
    parts: tuple["str | Field", ...]


Part = str | Field | Optional
_GONE = object()  # stands where an optional part was left out


@lru_cache(maxsize=4096)
def parse(text: str) -> tuple[Part, ...]:
    """The text in parts. Raises Unreadable for a bracket or brace that belongs to nothing."""
    parts: list[Part] = []
    inside: list[str | Field] | None = None
    for token in _tokens(text):
        if token == "[[":
            if inside is not None:
                raise Unreadable("One [[ stands inside another. Close the first with ]] before the next begins.")
            inside = []
        elif token == "]]":
            parts.append(_optional(inside))
            inside = None
        else:
            (parts if inside is None else inside).append(_plain(token))
    if inside is not None:
        raise Unreadable("A part begins with [[ and never ends. Put ]] where it ends.")
    return tuple(parts)


def _tokens(text: str) -> Iterator[str]:
    at = 0
    for found in TOKEN.finditer(text):
        if text[at : found.start()]:
            yield text[at : found.start()]
        yield found.group()
        at = found.end()
    if text[at:]:
        yield text[at:]


def _optional(inside: list[str | Field] | None) -> Optional:
    if inside is None:
        raise Unreadable("A ]] stands where no [[ came before it.")
    if not any(isinstance(part, Field) for part in inside):
        raise Unreadable("A part in [[ ]] has no field, so nothing says when to leave it out.")
    return Optional(tuple(inside))


def _plain(token: str) -> str | Field:
    if len(token) == 1 and token in "[]{}":
        raise Unreadable(
            f"A single {token} means nothing here. Fields are written {{like_this}}, parts [[ like this ]]."
        )
    return Field(token[1:-1]) if token.startswith("{") else token


def fields_in(text: str) -> list[str]:
    """The names of the fields, in order. Raises Unreadable."""
    inner = [part.parts if isinstance(part, Optional) else (part,) for part in parse(text)]
    return [part.name for parts in inner for part in parts if isinstance(part, Field)]


def render(text: str, value: Callable[[str], str]) -> str:
    """The text with its fields filled in; `value` gives what stands for a field, "" for nothing to say.

    A line that was nothing but left-out parts vanishes with its line end.
    """
    pieces: list[object] = []
    for part in parse(text):
        if isinstance(part, Optional):
            names = [each.name for each in part.parts if isinstance(each, Field)]
            pieces.extend(part.parts if all(value(name) for name in names) else [_GONE])
        else:
            pieces.append(part)
    lines = [line for line in _lines(pieces) if not _is_gone(line)]
    return "\n".join("".join(_said(piece, value) for piece in line) for line in lines)


def _lines(pieces: list[object]) -> list[list[object]]:
    lines: list[list[object]] = [[]]
    for piece in pieces:
        if not isinstance(piece, str):
            lines[-1].append(piece)
            continue
        first, *others = piece.split("\n")
        lines[-1].append(first)
        lines.extend([other] for other in others)
    return lines


def _is_gone(line: list[object]) -> bool:
    return _GONE in line and all(piece is _GONE or (isinstance(piece, str) and not piece.strip()) for piece in line)


def _said(piece: object, value: Callable[[str], str]) -> str:
    if isinstance(piece, Field):
        return value(piece.name)
    return piece if isinstance(piece, str) else ""

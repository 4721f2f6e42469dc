"""Words of messages as staff keep them, instead of the shipped ones (docs/wording.md). Every version stays.

Who may keep them is the pages' matter: hub managers and county administrators, for the whole county.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError

from booking import audit, clock, db
from booking.messages import wording, wording_files
from booking.messages.wording import KEYS, Words
from booking.messages.wording_check import check_words
from booking.messages.wording_languages import LANGUAGES
from booking.problems import Problem, Refused

KEEP, BACK = "change wording", "shipped wording again"
UNKNOWN = Problem("There is no such message.", rule="unknown")
MEANWHILE = Problem("Somebody else has changed this text meanwhile. Look at it again first.", rule="meanwhile")
NOT_KEPT = Problem("This text is the shipped one already.", rule="not kept")
NOT_THEIRS = frozenset({"staff_text"})  # nothing stands in it but what somebody types
_ONE = "kind = $1 AND channel = $2 AND language = $3 AND is_discreet = $4"
Kept = Mapping[tuple[str, str, str, bool], Words]
"""(kind with its variant, channel, language, is_discreet) -> the words in use."""


@dataclass(frozen=True, slots=True)
class Version:
    """Words as they were kept once; in use while `replaced_at` is None."""

    id: UUID
    words: Words
    changed_at: datetime
    changed_by: str
    replaced_at: datetime | None


def editable(*, is_discreet: bool) -> list[tuple[str, str]]:
    """(kind with its variant, channel) of every text that staff may keep, in the order of wording.KINDS."""
    texts = wording_files.shipped("en").texts(is_discreet)
    found = [(name, channel) for name in texts for channel, key in KEYS.items() if key in texts[name]]
    known = {kind: n for n, kind in enumerate(wording.KINDS) if kind not in NOT_THEIRS}
    kept = [(name, channel) for name, channel in found if name.partition(".")[0] in known]
    return sorted(kept, key=lambda each: known[each[0].partition(".")[0]])


async def find(kind: str, channel: str, language: str, is_discreet: bool) -> Words | None:
    """The words in use; None where they are the shipped ones, or what is kept may not be used any more."""
    row = await db.row(
        f"SELECT subject, body FROM wording_text WHERE {_ONE} AND replaced_at IS NULL",
        kind,
        channel,
        language,
        is_discreet,
    )
    if row is None or check_words(kind, channel, row["subject"], row["body"], is_discreet):
        return None
    return Words(row["subject"], row["body"])


async def kept_in(language: str, *, is_discreet: bool) -> set[tuple[str, str]]:
    """(kind with its variant, channel) of the texts of one language that are not the shipped ones."""
    rows = await db.rows(
        "SELECT kind, channel FROM wording_text WHERE language = $1 AND is_discreet = $2 AND replaced_at IS NULL",
        language,
        is_discreet,
    )
    return {(row["kind"], row["channel"]) for row in rows}


async def of_kinds(kinds: Iterable[str]) -> Kept:
    """All kept words of these kinds and their variants that are in use, for messages to many. One query."""
    own = set(kinds)
    rows = await db.rows(
        "SELECT kind, channel, language, is_discreet, subject, body FROM wording_text WHERE replaced_at IS NULL"
    )
    return {
        (row["kind"], row["channel"], row["language"], bool(row["is_discreet"])): Words(row["subject"], row["body"])
        for row in rows
        if row["kind"].partition(".")[0] in own
        and not check_words(row["kind"], row["channel"], row["subject"], row["body"], bool(row["is_discreet"]))
    }


async def in_use(
    kind: str, channel: str, facts: dict[str, Any], language: str, among: Kept | None = None
) -> tuple[Words | None, str]:
    """Kept words for a message and the language that they are in, for `wording.compose`: (None, language) for the shipped ones.

    English ones only for whom nothing is written in their own language. `among` are those of `of_kinds`, where many are written.
    """

    async def kept(language: str) -> Words | None:
        if among is not None:
            return among.get((name, channel, language, is_discreet))
        return await find(name, channel, language, is_discreet)

    name, is_discreet = wording.which(kind, channel, facts), wording.is_discreet(kind, facts)
    own = language if language in LANGUAGES and channel != "call" else "en"
    if words := await kept(own):
        return words, own
    if own != "en" and not wording.is_shipped(name, channel, own, is_discreet):
        words = await kept("en")
        return words, "en" if words else own
    return None, own


async def keep(
    kind: str, channel: str, language: str, is_discreet: bool, words: Words, *, seen: UUID | None, by: Any
) -> bool:
    """Keeps the words, in use from the next message on; returns whether they are other words than before.

    `seen` is the version that the writer had before their eyes (None: the shipped words). Raises Refused with every problem of the words;
    unknown, meanwhile.
    """
    words = Words(words.subject.strip() if channel == "email" else "", words.body.replace("\r\n", "\n").strip())
    problems = problems_of(kind, channel, language, is_discreet, words)
    if problems:
        raise Refused(problems)

    async def body() -> bool:
        before = await _current(kind, channel, language, is_discreet, seen)
        if before and before["subject"] == words.subject and before["body"] == words.body:
            return False
        await _replace(kind, channel, language, is_discreet, seen)
        about_id = await _write(kind, channel, language, is_discreet, words, by)
        await _record(KEEP, about_id, (kind, channel, language, is_discreet), before, words, by)
        return True

    return await _alone(body)


def problems_of(kind: str, channel: str, language: str, is_discreet: bool, words: Words) -> list[Problem]:
    """Why these words may not be kept; for the page, before anything is saved."""
    if language not in LANGUAGES or (kind, channel) not in editable(is_discreet=is_discreet):
        return [UNKNOWN]
    return [
        Problem(text, "body", rule="words")
        for text in check_words(kind, channel, words.subject, words.body, is_discreet)
    ]


async def back_to_shipped(
    kind: str, channel: str, language: str, is_discreet: bool, *, seen: UUID | None, by: Any
) -> None:
    """The shipped words are in use again; what was kept stays among the versions. Raises Refused: not kept, meanwhile."""

    async def body() -> None:
        before = await _current(kind, channel, language, is_discreet, seen)
        if before is None:
            raise Refused([NOT_KEPT])
        await _replace(kind, channel, language, is_discreet, seen)
        await _record(BACK, before["id"], (kind, channel, language, is_discreet), before, None, by)

    await _alone(body)


async def versions(kind: str, channel: str, language: str, is_discreet: bool) -> list[Version]:
    """Every version that was kept, the newest first."""
    rows = await db.rows(
        "SELECT *, (SELECT name FROM person WHERE id = changed_by_id) AS changed_by"
        f" FROM wording_text WHERE {_ONE} ORDER BY changed_at DESC, id DESC",
        kind, channel, language, is_discreet,
    )  # fmt: skip
    return [
        Version(
            row["id"],
            Words(row["subject"], row["body"]),
            row["changed_at"],
            row["changed_by"] or "",
            row["replaced_at"],
        )
        for row in rows
    ]


async def _current(
    kind: str, channel: str, language: str, is_discreet: bool, seen: UUID | None
) -> dict[str, Any] | None:
    row = await db.row(
        f"SELECT id, subject, body FROM wording_text WHERE {_ONE} AND replaced_at IS NULL",
        kind,
        channel,
        language,
        is_discreet,
    )
    if (row["id"] if row else None) != seen:
        raise Refused([MEANWHILE])
    return row


async def _replace(kind: str, channel: str, language: str, is_discreet: bool, seen: UUID | None) -> None:
    """Takes the version in use out of use. Raises Refused where somebody has saved another since it was looked at."""
    replaced = await db.rows(
        f"UPDATE wording_text SET replaced_at = $5 WHERE {_ONE} AND replaced_at IS NULL RETURNING id",
        kind, channel, language, is_discreet, clock.now(),
    )  # fmt: skip
    if [row["id"] for row in replaced] != ([seen] if seen else []):
        raise Refused([MEANWHILE])


async def _write(kind: str, channel: str, language: str, is_discreet: bool, words: Words, by: Any) -> UUID:
    new_id = db.new_id()
    await db.execute(
        "INSERT INTO wording_text (id, kind, channel, language, is_discreet, subject, body, changed_at, changed_by_id)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        new_id, kind, channel, language, is_discreet, words.subject, words.body, clock.now(), by.id if by else None,
    )  # fmt: skip
    return new_id


async def _record(
    verb: str, about_id: UUID, text: tuple[str, str, str, bool], before: Any, after: Words | None, by: Any
) -> None:
    kind, channel, language, is_discreet = text
    which = {"kind": kind, "channel": channel, "language": language, "is_discreet": is_discreet}
    await audit.record(
        verb, about_kind="wording", about_id=about_id, by=by,
        before=which | ({"body": before["body"]} if before else {}), after=which | ({"body": after.body} if after else {}),
    )  # fmt: skip


async def _alone(body: Any) -> Any:
    """In one transaction; of two who save at once the second is refused (here, or by the guard uq_wording_text)."""
    try:
        return await db.run_tx(body)
    except IntegrityError as error:
        raise Refused([MEANWHILE]) from error

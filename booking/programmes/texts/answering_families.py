"""Staff deal with a thread: they answer by SMS, say that nothing is to be done, or say who it is about."""

from typing import Any
from uuid import UUID

from booking import audit, db
from booking.messages import inbox, writing_back
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.programmes import people_of_hubs
from booking.programmes.texts import threads, who_writes
from booking.programmes.texts.threads import Thread

NO_WORDS = Problem("Write your answer", "words", rule="missing")
TOO_LONG = Problem(f"Make your answer {writing_back.LONGEST} letters or shorter", "words", rule="too long")
OPTED_OUT = Problem(
    "This number has opted out of texts, so nothing can be sent to it. Ring them.", "words", rule="opted out"
)
NOT_SEEN = Problem(
    "Something new has come since you opened this page. Read it above, and send your answer again if it still fits.",
    "words",
    rule="changed",
)
NOT_ONE = Problem("Choose who it is", "person", rule="missing")


async def answer(*, thread: Thread, words: str, seen: str, key: str, by: Who) -> None:
    """Sends an answer to the number, and marks what waited as dealt with. `seen` is the thread's as the page had it, `key` makes the
    same form sent twice one answer.

    Raises Refused: no words, too long, opted out, or something has come that who answers has not seen.
    """
    words = "\n".join(line.strip() for line in words.strip().splitlines())
    found = [NO_WORDS] if not words else [TOO_LONG] if len(words) > writing_back.LONGEST else []
    if thread.is_opted_out:
        found = [OPTED_OUT]
    if found:
        raise Refused(found)

    async def body() -> None:
        now = await _locked(thread, by)
        if await db.row("SELECT id FROM message WHERE dedupe_key = $1", f"staff_text:{key}"):
            return  # the same form, sent twice
        if now is None or seen != now.seen:
            raise Refused([NOT_SEEN])
        queued = await _write(now, words, key)
        await inbox.handle(now.waiting, by.id)
        await audit.record("answer text", about_kind="message", about_id=queued.id, by=by, hub_id=thread.hub_id)

    await db.run_tx(body)


async def _locked(thread: Thread, by: Who) -> Thread | None:
    """The thread as it stands, locked against another answer at the same time."""
    lock = " FOR UPDATE" if db.is_postgres() else ""
    await db.row(f"SELECT id FROM inbound_message WHERE id = $1{lock}", thread.text_id)
    return await threads.find(by, thread.text_id)


async def _write(thread: Thread, words: str, key: str) -> writing_back.Queued:
    person = thread.linked or (thread.people[0] if thread.people else None)
    return await writing_back.write_back(
        phone=thread.phone,
        person_id=person["id"] if person else None,
        words=words,
        text_id=thread.text_id,
        hub_id=thread.hub_id,
        is_discreet=thread.is_discreet,
        key=key,
        due_at=writing_back.leaves_at(person, thread.asked_at),
    )


async def done(*, thread: Thread, seen: str, by: Who) -> int:
    """Marks what waited when the page was opened as dealt with, without an answer; returns how many texts that were. What has come
    since waits on."""
    first_unseen = next((n for n, each in enumerate(thread.items) if str(each["id"]) == seen.partition("/")[0]), -1)
    was_there = {each["id"] for each in thread.items[: first_unseen + 1]}
    wanted = [text_id for text_id in thread.waiting if text_id in was_there]

    async def body() -> int:
        handled = await inbox.handle(wanted, by.id)
        for each in handled:
            await audit.record("read text", about_kind="text", about_id=each["id"], by=by, hub_id=each["hub_id"])
        return len(handled)

    return await db.run_tx(body)


async def could_be(thread: Thread, words: str, by: Who) -> list[dict[str, Any]]:
    """Whom a number that nobody has given us may be of, by part of a name, phone or email, or a reference: id, name and phone.

    Discreet people are not found: others read the texts of an unknown number as well, and would learn of them.
    """
    found = [] if thread.people else await people_of_hubs.find(by, words)
    careful = await who_writes.careful_of([each["id"] for each in found]) if found else set()
    return [each for each in found if each["id"] not in careful]


async def link(*, thread: Thread, person_id: UUID | None, by: Who) -> None:
    """Says who writes here: one of the people with this number, or where there are none anybody whom `by` may look up. Raises Refused
    for anybody else."""
    if person_id is None or not await _may_be(thread, person_id, by):
        raise Refused([NOT_ONE])

    async def body() -> None:
        await db.execute("UPDATE inbound_message SET person_id = $2 WHERE sender = $1", thread.phone, person_id)
        await audit.record(
            "say who texts", about_kind="text", about_id=thread.text_id, by=by, hub_id=thread.hub_id,
            after={"person": str(person_id)},
        )  # fmt: skip

    await db.run_tx(body)


async def _may_be(thread: Thread, person_id: UUID, by: Who) -> bool:
    if thread.people:
        return person_id in {each["id"] for each in thread.people}
    return bool(await people_of_hubs.find_one(by, person_id)) and not await who_writes.careful_of([person_id])

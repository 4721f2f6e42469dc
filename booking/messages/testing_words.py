"""A text sent to whoever is writing it, with made-up facts, so that it is seen as a family would see it."""

from typing import Any

from booking import clock, db
from booking.messages import outbox_rows, wording
from booking.messages.channels import Channel
from booking.messages.wording import Text, Words
from booking.messages.wording_examples import example_facts
from booking.messages.wording_languages import LANGUAGES
from booking.people.limits import too_often
from booking.problems import Problem, Refused

KIND = "text_test"
NO_ADDRESS = {
    "sms": Problem(
        "You have no mobile number here. Whoever runs this site can add it: booking staff ADDRESS --phone NUMBER.",
        rule="no address",
    ),
    "email": Problem("You have no email address here, so no mail can be sent to you.", rule="no address"),
}


def example(kind: str, channel: str, language: str, is_discreet: bool, words: Words | None) -> Text:
    """How a family reads it: these words, or the shipped ones, filled in with made-up facts. Raises what wording.compose does."""
    facts = example_facts(kind, is_discreet=is_discreet)
    return wording.compose(kind.partition(".")[0], channel, facts, language=language, kept=words)


async def send_test(kind: str, channel: Channel, language: str, is_discreet: bool, words: Words, *, by: Any) -> str:
    """Sends the example to the writer's own number or mailbox and returns which that is. In the outbox as any message.

    Raises Refused: no address, too often.
    """
    address = by.phone if channel == "sms" else by.email
    problems = await too_often("test of a text", str(by.id)) if address else [NO_ADDRESS[channel]]
    if problems:
        raise Refused(problems)
    text, test_id = example(kind, channel, language, is_discreet, words), db.new_id()
    await outbox_rows.write(
        text=text, person_id=by.id, kind=KIND, channel=channel, address=address, about=("wording", test_id), session_id=None,
        hub_id=None, batch_id=None, dedupe_key=f"{KIND}:{test_id}:{channel}", marker="", is_discreet=is_discreet,
        due_at=clock.now(), expires_at=None, language=language if language in LANGUAGES else "en",
    )  # fmt: skip
    return str(address)

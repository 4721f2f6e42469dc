"""What became of one attempt to send."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Outcome:
    """Four answers are possible, and only the last leaves it open whether the message has left.

    sent: the provider has it, under `provider_id`. refused: never try again; `address_state` says what is wrong with
    the address, if it is the address. later: it has not left, try again (`retry_after` seconds if they said so).
    unknown: no answer, or one that does not tell; ask before anything is sent again.
    """

    kind: Literal["sent", "refused", "later", "unknown"]
    provider_id: str = ""
    code: str = ""
    words: str = ""
    retry_after: float | None = None
    address_state: str = ""


def sent(provider_id: str) -> Outcome:
    return Outcome("sent", provider_id=provider_id)


def refused(code: str, words: str, address_state: str = "") -> Outcome:
    return Outcome("refused", code=code, words=words, address_state=address_state)


def later(code: str, words: str, retry_after: float | None = None) -> Outcome:
    return Outcome("later", code=code, words=words, retry_after=retry_after)


def unknown(code: str, words: str) -> Outcome:
    return Outcome("unknown", code=code, words=words)

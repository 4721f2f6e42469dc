"""What a text says, if it says nothing else: yes, no, a number, thanks, stop or start; whatever is unclear is for a person. Pure.

A no gives a place up, so it must be sure: it is one of the words in meaning_words.py, with nothing around it but politeness, and
no slip of the finger beyond a letter doubled or swapped. A yes may have one more slip. Digits are read in every script.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Literal

from booking.messages import meaning_words

Says = Literal["yes", "no", "number", "thanks", "stop", "start", "unclear"]

LONGEST = 120  # letters; who writes more says more
ARABIC = str.maketrans(
    {**dict.fromkeys("أإآٱ", "ا"), "ى": "ي", "ی": "ي", "ې": "ي", "ک": "ك", **dict.fromkeys("ہھۂ", "ه"), "ة": "ه", "ۓ": "ے"}
    | dict.fromkeys(map(chr, range(0x64B, 0x660)), "") | {"\u0670": "", "ـ": ""}
)  # fmt: skip
LATIN = str.maketrans({"ł": "l", "đ": "d", "ø": "o", "ı": "i"})
QUOTES = str.maketrans(dict.fromkeys("'’‘`´ʼ", ""))
THUMB_UP = ("👍", "✅", "👌")
OTHER_SIGNS = ("👎", "❌", "🚫", "🛑", "⛔", "❓", "❔", "🤷")  # they may mean anything: a person reads them


@dataclass(frozen=True, slots=True)
class Reading:
    """`number` is 0 unless it says a number."""

    says: Says
    number: int = 0


UNCLEAR = Reading("unclear")


def read(body: str) -> Reading:
    """What the text says, in whatever case, with or without a full stop, thanks or a smile."""
    if len(body) > LONGEST or "?" in body or any(sign in body for sign in OTHER_SIGNS):
        return UNCLEAR
    is_thumb_up = any(sign in body for sign in THUMB_UP)
    words = folded(body)
    if not words:
        return Reading("yes") if is_thumb_up else UNCLEAR
    number = _number(words)
    if number:
        return UNCLEAR if is_thumb_up else Reading("number", number)
    says = _says(words)
    if is_thumb_up:
        return Reading("yes") if says in ("yes", "thanks") else UNCLEAR
    return Reading(says)


@cache
def folded(text: str) -> str:
    """Words in one case, without accents, apostrophes, signs or smiles; digits of every script as ours."""
    plain = unicodedata.normalize("NFD", text.casefold().translate(QUOTES))
    kept = "".join(_letter(character, plain[n - 1] if n else "") for n, character in enumerate(plain))
    kept = unicodedata.normalize("NFC", kept).translate(LATIN).translate(ARABIC)
    return " ".join(kept.split())


def _letter(character: str, before: str) -> str:
    """A letter as it is, a digit as ours, nothing for an accent on a Latin letter, a space for all else."""
    kind = unicodedata.category(character)
    if kind == "Nd":
        return str(unicodedata.decimal(character))
    if kind == "Mn" and (before.isascii() or unicodedata.combining(before or " ")):
        return "" if _is_latin(before) else character
    if kind in ("Lu", "Ll", "Lo", "Lm", "Mn", "Mc"):
        return character
    return "" if character in "\u200c\u200d" else " "


def _is_latin(character: str) -> bool:
    return character.isascii() or "LATIN" in unicodedata.name(character, "") or bool(unicodedata.combining(character))


def _says(words: str) -> Says:
    for text in (words, _shorter(words)):
        found = _known().get(text)
        if found:
            return found
    core = _without_politeness(_shorter(words))
    first, _, rest = core.partition(" ")
    for text in (core, f"{first} {_without_politeness(rest)}"):  # "no sorry we can't come"
        found = _known().get(text)
        if found in ("yes", "no"):
            return found
    return _slip(core)


def _shorter(words: str) -> str:
    """ "yesss", "noooo": a letter that stands three times or more stands once."""
    return re.sub(r"(\w)\1{2,}", r"\1", words)


def _without_politeness(words: str) -> str:
    """The words without what is said before and after them for politeness, the longest first."""
    polite, is_shorter = _polite(), True
    while is_shorter:
        is_shorter = False
        for each in polite:
            if words.startswith(f"{each} ") or words.endswith(f" {each}"):
                words = words.removeprefix(f"{each} ").removesuffix(f" {each}")
                is_shorter = True
                break
    return words


def _slip(word: str) -> Says:
    """One word with one slip: a letter doubled or two swapped; for a yes of four letters or more also one too many or one
    missing. Near both, or near an English word of its own: unclear."""
    if len(word) < 3 or " " in word or not word.isascii() or word in meaning_words.NO_SLIPS:
        return "unclear"
    near = {said for known, said in _words_for_slips() if _is_slip(word, known, is_yes=said == "yes")}
    return near.pop() if len(near) == 1 else "unclear"


def _is_slip(word: str, known: str, *, is_yes: bool) -> bool:
    if len(word) == len(known):
        return _is_swapped(word, known)
    if len(word) == len(known) + 1:
        at = next((n for n in range(len(known)) if word[n] != known[n]), len(known))
        is_doubled = at > 0 and word[at] == word[at - 1]
        return word[:at] + word[at + 1 :] == known and (is_doubled or (is_yes and len(known) > 3))
    if len(word) == len(known) - 1 and is_yes and len(known) > 3:
        return any(known[:n] + known[n + 1 :] == word for n in range(1, len(known)))
    return False


def _is_swapped(word: str, known: str) -> bool:
    apart = [n for n in range(len(word)) if word[n] != known[n]]
    return (
        len(apart) == 2
        and apart[1] == apart[0] + 1
        and word[apart[0]] == known[apart[1]]
        and word[apart[1]] == known[apart[0]]
    )


def _number(words: str) -> int:
    """The number that a text is, alone or after "no", "nr", "number"; 0 for none."""
    for text in (words, _without_politeness(words)):
        sign, _, last = text.rpartition(" ")
        if sign and sign not in _signs():
            continue
        joined = re.fullmatch(r"(?:no|nr)?0?([1-9]\d?)", last)
        if joined:
            return int(joined[1])
        if last in _numbers():
            return _numbers()[last]
    return 0


@cache
def _known() -> dict[str, Says]:
    lists: tuple[tuple[str, Says], ...] = (
        (meaning_words.THANKS, "thanks"),
        (meaning_words.NO, "no"),
        (meaning_words.YES, "yes"),
        (meaning_words.START, "start"),
        (meaning_words.STOP, "stop"),
    )
    return {phrase: said for words, said in lists for phrase in _phrases(words)}


@cache
def _polite() -> tuple[str, ...]:
    return tuple(sorted(set(_phrases(meaning_words.POLITE)), key=lambda phrase: -len(phrase)))


@cache
def _words_for_slips() -> tuple[tuple[str, Says], ...]:
    """Single words of our alphabet with three letters or more."""
    return tuple(
        (word, said)
        for word, said in _known().items()
        if said in ("yes", "no") and len(word) >= 3 and word.isascii() and " " not in word
    )


@cache
def _numbers() -> dict[str, int]:
    lines = meaning_words.NUMBERS.strip().splitlines()
    return {folded(word): n for n, line in enumerate(lines, start=1) for word in line.split("|")}


@cache
def _signs() -> frozenset[str]:
    return frozenset(_phrases(meaning_words.NUMBER_SIGNS))


def _phrases(words: str) -> list[str]:
    return [folded(phrase) for line in words.strip().splitlines() for phrase in line.split("|") if phrase]

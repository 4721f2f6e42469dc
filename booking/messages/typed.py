"""What people typed, before it goes into a message: one line, nothing invisible, and cut at a word's end where it is too long."""

import re
import unicodedata


def tidy(text: str) -> str:
    """One line without control characters or direction overrides: typed words can change neither layout nor order.

    The two joiners (U+200C, U+200D) stay; Bengali, Urdu and emoji need them.
    """
    if text.isprintable():  # nothing of the kind in it: nearly always
        return " ".join(text.split())
    kept = (c for c in text if unicodedata.category(c) not in ("Cc", "Cf", "Cs") or c in "\u200c\u200d\n\t")
    return re.sub(r"\s+", " ", "".join(kept)).strip()


def tidy_lines(text: str) -> str:
    """The same, but line ends stay, and one empty line between paragraphs."""
    lines = "\n".join(tidy(line) for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip()


def shorten(text: str, longest: int) -> str:
    """The text cut at a word's end, with two dots; "" when nothing is to be left."""
    if len(text) <= longest:
        return text
    cut = text[: max(longest - 2, 0)]
    if " " in cut[longest // 2 :]:
        cut = cut.rsplit(" ", 1)[0]
    return f"{cut.rstrip(' ,.:;-')}.." if cut else ""

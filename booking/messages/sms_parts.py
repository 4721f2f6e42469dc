"""How many parts an SMS is billed as (3GPP TS 23.038), and how to keep it to one.

A text of the GSM 7-bit alphabet holds 160 characters, 153 in each part of a longer one; a single character outside it
turns the whole text into UCS-2: 70, or 67 in each part. Curly quotes, long dashes, odd spaces and accents that the
alphabet lacks are therefore written plainly.
"""

import unicodedata
from functools import lru_cache

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
ODD_SPACES = "\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
EXTENDED = frozenset("\f^{}\\[~]|€")  # two septets each
PLAIN = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′`´ʼ", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys(ODD_SPACES, " "),
        **{"…": "...", "•": "-", "·": "-", "×": "x", "½": "1/2", "¼": "1/4", "¾": "3/4", "™": "", "®": "", "©": "(c)"},
        **{"ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ħ": "h", "Ħ": "H", "ı": "i", "ð": "d", "Ð": "D", "þ": "th"},
        **{"œ": "oe", "Œ": "OE"},
    }
)


def plain(text: str) -> str:
    """The text with every character that would double the cost for no gain written in the GSM alphabet.

    Pictures (emoji) and invisible characters go; an accent that the alphabet lacks is dropped from its letter ("ŵ"
    becomes "w"). Letters of other scripts stay: they are what the text says.
    """
    written = ""
    for character in unicodedata.normalize("NFC", text).translate(PLAIN):
        if character in BASIC:
            written += character
            continue
        if unicodedata.combining(character) and (not written or written[-1] in BASIC):
            continue
        written += _plain(character)
    return written


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    if character in EXTENDED:
        return character
    bare = "".join(c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c))
    if bare and all(c in BASIC for c in bare):
        return bare
    return character if unicodedata.category(character)[0] in "LMNP" and not _is_variation(character) else ""


def _is_variation(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def is_gsm(text: str) -> bool:
    return all(character in BASIC or character in EXTENDED for character in text)


def parts(text: str) -> int:
    """How many parts the text is billed as; 0 for an empty one."""
    if not text:
        return 0
    if is_gsm(text):
        return _count([2 if character in EXTENDED else 1 for character in text], 160, 153)
    return _count([2 if ord(character) > 0xFFFF else 1 for character in text], 70, 67)


def _count(sizes: list[int], single: int, each: int) -> int:
    """Fills parts in order; a character of two units is never split over two parts."""
    if sum(sizes) <= single:
        return 1
    count, left = 1, each
    for size in sizes:
        if size > left:
            count, left = count + 1, each
        left -= size
    return count

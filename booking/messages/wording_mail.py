"""The HTML of a mail, made from its text: one set of words for both."""

import re
import unicodedata
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from booking.messages import sender
from booking.messages.wording_languages import LANGUAGES
from booking.settings import ROOT

FIRST_STRONG, POP = "\u2068", "\u2069"  # Unicode's isolates (UAX 9): what is between them has a direction of its own


def isolated(text: str, language: str) -> str:
    """The text kept apart from the direction around it, where that is another one; a link stays bare, to be clicked.

    A text that is several lines is kept apart line by line.
    """
    is_other = LANGUAGES[language].is_rtl or not (
        text.isascii() or all(unicodedata.bidirectional(c) not in ("R", "AL") for c in text)
    )
    if not is_other or not text or text.startswith(("http://", "https://")):
        return text
    lines = (re.fullmatch(r"(- )?(.*)", line) for line in text.split("\n"))
    return "\n".join(f"{m[1] or ''}{FIRST_STRONG}{m[2]}{POP}" if m and m[2] else "" for m in lines)


def html(subject: str, body: str, language: str) -> str:
    """The page of the mail."""
    page = _templates().get_template("mail.html")
    return page.render(
        subject=re.sub(f"[{FIRST_STRONG}{POP}]", "", subject), blocks=_blocks(body), language=LANGUAGES[language]
    )


def _blocks(body: str) -> list[dict[str, Any]]:
    """The text's paragraphs, lists and links."""
    return [_block(chunk.split("\n")) for chunk in body.strip().split("\n\n")]


def _block(lines: list[str]) -> dict[str, Any]:
    if all(line.startswith("- ") for line in lines):
        return {"kind": "list", "lines": [_marked(line[2:]) for line in lines]}
    label, _, url = lines[0].rpartition(" ")
    if len(lines) == 1 and label and url.startswith(f"{sender.current().base_url}/"):
        return {"kind": "link", "label": _marked(label.rstrip(" :")), "url": url}
    return {"kind": "words", "lines": [_marked(line) for line in lines]}


def _marked(text: str) -> Markup:
    """The text as HTML, what is isolated in <bdi>."""
    safe = str(escape(text))
    return Markup(safe.replace(FIRST_STRONG, "<bdi>").replace(POP, "</bdi>"))


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(ROOT / "templates" / "messages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )

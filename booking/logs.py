"""What is written to the log: one line or one JSON object for each thing, without anything that tells who somebody is.

Numbers, mail addresses, the tokens of links and rows that a database quotes are struck out of every line as it is written, so that no
call of a logger has to be careful (promise P6).
"""

import logging
import re
import sys

from pythonjsonlogger.json import JsonFormatter

from booking.settings import Settings

PERSONAL = [
    (re.compile(r"(/(?:m|o|t|swaps|feeds|mine|ask)/)[\w~-][\w.~-]*"), r"\1..."),
    (re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+"), "(mail)"),
    (re.compile(r"\+\d(?:[\s()/-]?\d){9,14}(?!\d)"), "(number)"),
    # British ones also right behind a colon, and behind a line end as JSON writes it
    (re.compile(r"(?:(?<=\\n)|(?<![\w.-]))(?:0[1-9]|0044|44)(?:[\s()/-]?\d){9,10}(?![\w-])"), "(number)"),
    (re.compile(r"(?<![\w.:-])(?:\+|00)?\d(?:[\s()/-]?\d){9,14}(?![\w.:-])"), "(number)"),
    (re.compile(r"(DETAIL: +)(?:\\n|.)*?(?=\\n|\n|\"|$)"), r"\1(row)"),
]


def without_people(text: str) -> str:
    """The text with phone numbers, mail addresses, link tokens and quoted database rows struck out."""
    for pattern, instead in PERSONAL:
        text = pattern.sub(instead, text)
    return text


class Plain(logging.Formatter):
    """A line for people to read."""

    def format(self, record: logging.LogRecord) -> str:
        return without_people(super().format(record))


class Json(JsonFormatter):
    """One object a line, for a log collector."""

    def format(self, record: logging.LogRecord) -> str:
        return without_people(super().format(record))


def set_up(settings: Settings) -> None:
    """Sends everything that is logged to stderr, from warnings on; as JSON also each request and each run of a job."""
    is_json = settings.server.log_format == "json"
    handler = logging.StreamHandler(sys.stderr)
    if is_json:
        names = {"asctime": "time", "levelname": "level", "name": "logger"}
        handler.setFormatter(Json("%(asctime)s %(levelname)s %(name)s %(message)s", rename_fields=names))
    else:
        handler.setFormatter(Plain("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in ("booking.requests", "jobs"):
        logging.getLogger(name).setLevel(logging.INFO if is_json else logging.WARNING)

"""/staff/wording: the words of every message, kept by managers: by language, seen as a family reads them, sent to oneself first."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import web
from booking.messages import kept_words, sms_parts, testing_words, wording, wording_files
from booking.messages.pages.wording_shown import cost_words, missing_in, name_words, theme_of, themes_of, version_rows
from booking.messages.wording import KEYS, Text, Words
from booking.messages.wording_field_words import fields_of
from booking.messages.wording_languages import LANGUAGES, Language
from booking.people.contacts import phone_words
from booking.people.models import Person
from booking.problems import Problem, Refused
from booking.web import access

CHANNELS = {"sms": "Text message", "email": "Email", "call": "What to say on the phone"}


@dataclass(frozen=True, slots=True)
class Which:
    """One text: of a kind (with its variant), for a channel, in a language, discreet or not."""

    kind: str
    channel: str
    language: Language
    is_discreet: bool

    @property
    def path(self) -> str:
        tail = "?discreet=1" if self.is_discreet else ""
        return f"/staff/wording/{self.language.code}/{quote(self.kind)}/{self.channel}{tail}"

    @property
    def key(self) -> tuple[str, str, str, bool]:
        return self.kind, self.channel, self.language.code, self.is_discreet


@access("manager")
async def all_texts(request: Request) -> Response:
    """The texts of one language by theme, with whose words are in use: the ordinary ones, or those that name nothing."""
    language = LANGUAGES.get(request.query_params.get("language", "en"), LANGUAGES["en"])
    is_discreet = request.query_params.get("discreet") == "1"
    shown = {
        "title": "Wording",
        "nav": "messages",
        "language": language,
        "languages": [LANGUAGES[code] for code in wording_files.languages() if code in LANGUAGES],
        "is_discreet": is_discreet,
        "themes": await themes_of(language, is_discreet=is_discreet),
        "missing": missing_in(language),
    }
    return await web.render_staff(request, "staff/wording/list.html", shown)


@access("manager")
async def one_text(request: Request) -> Response:
    """The form with the words in use."""
    which = _which(request, request.query_params.get("discreet", ""))
    return await _form(request, which, await _in_use(which), [])


@access("manager")
async def act(request: Request) -> Response:
    """Saves the words, goes back to the shipped ones, or sends the writer a test."""
    async with request.form(max_fields=100, max_files=0) as sent:
        which = _which(request, str(sent.get("discreet", "")))
        typed = Words(
            str(sent.get("subject", ""))[:400].strip(), str(sent.get("body", ""))[:8000].replace("\r\n", "\n")
        )
        do, seen = str(sent.get("do", "")), _uuid(str(sent.get("seen", "")))
    if do == "preview":
        return await _form(request, which, typed, [], seen=seen, is_part=True)
    by = await _person(request)
    try:
        if do == "shipped":
            await kept_words.back_to_shipped(*which.key, seen=seen, by=by)
            web.flash(request, "The shipped words are in use again. Yours stay among the versions.")
        elif do == "test":
            return await _test(request, which, typed, seen, by)
        else:
            changed = await kept_words.keep(*which.key, typed, seen=seen, by=by)
            web.flash(
                request, "Saved. Messages written from now on have these words." if changed else "Nothing has changed."
            )
    except Refused as refused:
        return await _form(request, which, typed, refused.problems, seen=seen)
    return web.go(which.path)


async def _test(request: Request, which: Which, typed: Words, seen: UUID | None, by: Person) -> Response:
    problems = kept_words.problems_of(*which.key, typed)
    if which.channel == "call":
        problems = [Problem("What is said on the phone cannot be sent.", rule="call")]
    if problems:
        raise Refused(problems)
    channel = "email" if which.channel == "email" else "sms"
    address = await testing_words.send_test(which.kind, channel, which.language.code, which.is_discreet, typed, by=by)
    return await _form(
        request, which, typed, [], seen=seen, done=f"Sent to {phone_words(address) or address}. Nothing is saved yet."
    )


def _which(request: Request, discreet: str) -> Which:
    """404 for a text that there is not."""
    kind, channel = request.path_params["kind"], request.path_params["channel"]
    language, is_discreet = LANGUAGES.get(request.path_params["language"]), discreet == "1"
    is_known = (kind, channel) in kept_words.editable(is_discreet=is_discreet)
    if language is None or not is_known or (channel == "call" and language.code != "en"):
        raise HTTPException(404)
    return Which(kind, channel, language, is_discreet)


def _listed_at(which: Which) -> str:
    """Where the list has it: what is always neutral stands in the ordinary one."""
    is_apart = which.is_discreet and which.kind not in wording.NEUTRAL
    return f"/staff/wording?language={which.language.code}{'&discreet=1' if is_apart else ''}#{theme_of(which.kind)}"


async def _person(request: Request) -> Person:
    who = await web.who_is_asking(request)
    if who is None:
        raise HTTPException(404)
    return await Person.get(id=who.id)


async def _in_use(which: Which) -> Words:
    return await kept_words.find(*which.key) or _shipped(which)


def _shipped(which: Which) -> Words:
    """The shipped words of the language, or the English ones to begin with."""
    own = wording.is_shipped(which.kind, which.channel, which.language.code, which.is_discreet)
    texts = wording_files.shipped(which.language.code if own else "en").texts(which.is_discreet)
    plain = texts.get(which.kind.partition(".")[0], {})
    found = plain | texts.get(which.kind, {})
    return Words(found.get("subject", "") if which.channel == "email" else "", found[KEYS[which.channel]].strip())


async def _form(
    request: Request, which: Which, words: Words, problems: list[Problem], *, seen: UUID | None = None, is_part: bool = False,
    done: str = "",
) -> Response:  # fmt: skip
    kept = await kept_words.versions(*which.key)
    current = next((each for each in kept if each.replaced_at is None), None)
    wrong = problems or kept_words.problems_of(*which.key, words)
    shown = {
        "title": f"{name_words(which.kind)}: {CHANNELS[which.channel].lower()}",
        "nav": "messages",
        "which": which,
        "back": _listed_at(which),
        "words": words,
        "problems": problems,
        "wrong": [each.words for each in wrong],
        "fields": fields_of(which.kind, is_discreet=which.is_discreet),
        "example": None if wrong else _example(which, words, request),
        "is_english": which.language.code != "en"
        and not wording.is_shipped(which.kind, which.channel, which.language.code, which.is_discreet),
        "seen": seen or (current.id if current else ""),
        "is_kept": current is not None,
        "versions": version_rows(kept),
        "done": done,
    }
    status = 422 if problems else 200
    block = "preview" if is_part else None
    return await web.render_staff(request, "staff/wording/one.html", shown, block=block, status=status)


def _example(which: Which, words: Words, request: Request) -> dict[str, Any]:
    text: Text = testing_words.example(which.kind, which.channel, which.language.code, which.is_discreet, words)
    is_sms = which.channel == "sms"
    return {
        "subject": text.subject,
        "body": text.body,
        "characters": len(text.body) if is_sms else 0,
        "parts": sms_parts.parts(text.body) if is_sms else 0,
        "is_gsm": sms_parts.is_gsm(text.body),
        "cost": cost_words(sms_parts.parts(text.body), web.settings_of(request).messages.sms_part_pence)
        if is_sms
        else "",
    }


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


routes = [
    Route("/staff/wording", all_texts, name="wording", methods=["GET"]),
    Route("/staff/wording/{language}/{kind}/{channel}", one_text, name="wording_text", methods=["GET"]),
    Route("/staff/wording/{language}/{kind}/{channel}", act, name="keep_wording", methods=["POST"]),
]

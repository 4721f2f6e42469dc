"""What the pages about wording show: the texts of a language with whose words they are, versions, cost."""

from collections.abc import Sequence
from typing import Any

from booking.messages import kept_words, wording
from booking.messages.kept_words import Version
from booking.messages.wording_languages import Language
from booking.messages.words_for_staff import KINDS
from booking.words import short_instant

VARIANTS = {
    "course": "a course",
    "creche": "with the crèche",
    "first_visit": "first visit",
    "catch_up": "where it can be caught up",
    "over": "taken out",
    "also": "to another adult",
    "make_up": "instead of a cancelled one",
    "one_date": "one date of a course",
    "some_dates": "some dates of a course",
    "waiting": "to the waiting list",
    "waiting_course": "a course, to the waiting list",
    "phone": "an appointment by phone",
    "no_reply": "where texts cannot be answered",
    "series": "several dates",
    "offer": "with another room",
    "insurance": "insurance",
    "several": "several places",
    "undone": "taken back",
    "undone_several": "several places, taken back",
}
# key, heading and kinds, in the order of the page; tests hold that each kind that may be kept has one
THEMES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("bookings", "Bookings", ("confirmation", "given_up", "missed", "catch_up", "invite", "also_told")),
    ("reminders", "Reminders", ("reminder_days", "reminder_hours")),
    (
        "changes",
        "Changes and cancellations",
        ("changed", "dates_changed", "date_added", "cancellation", "goes_on", "digest", "notice"),
    ),
    (
        "waiting",
        "Waiting lists and offers",
        ("waiting_joined", "offer", "offer_gone", "offer_passed", "offer_withdrawn"),
    ),
    ("answers", "Answers to texts", ("text_gave_up", "text_took_back", "text_not_free", "text_choose", "text_read")),
    ("codes", "Codes", ("sign_in_code", "manage_code")),
    (
        "rooms",
        "Rooms and partners",
        (
            *("room_requested", "room_confirmed", "room_declined", "room_changed", "room_cancelled"),
            *("room_displaced", "room_swap", "room_reminder", "room_date_free", "partner_expiry"),
        ),
    ),
    ("staff", "Staff", ("staff_decide", "staff_stood_down")),
    (
        "duties",
        "Duties",
        (
            "rota_published",
            "duty_changed",
            "duty_tomorrow",
            "duty_invite",
            "swap_asked",
            "swap_agreed",
            "swap_declined",
            "swap_decided",
            *("leave_approved", "leave_declined"),
            *("cover_ask", "cover_yours", "cover_thanks", "cover_gone"),
        ),
    ),
)
WHOSE = {"kept": "Your words", "shipped": "", "english": "English"}


def name_words(kind: str) -> str:
    """ "Cancellation (one date of a course)"."""
    plain, _, variant = kind.partition(".")
    words = KINDS.get(plain, plain.replace("_", " "))
    return f"{words} ({VARIANTS.get(variant, variant.replace('_', ' '))})" if variant else words


def theme_of(kind: str) -> str:
    """The key of the theme under which a kind, or a variant of one, is listed."""
    return next(key for key, _, kinds in THEMES if kind.partition(".")[0] in kinds)


async def themes_of(language: Language, *, is_discreet: bool) -> list[dict[str, Any]]:
    """The rows by theme, those with nothing in them left out. What is always neutral stands among the others too: who looks for
    "Code to see bookings" does not know that. Two queries."""
    rows = await _rows_of(language, is_discreet=is_discreet)
    if not is_discreet:
        neutral = await _rows_of(language, is_discreet=True)
        rows |= {kind: row for kind, row in neutral.items() if kind in wording.NEUTRAL}
    themes = [
        {"key": key, "title": title, "rows": [row for kind in kinds for row in _with_variants(kind, rows)]}
        for key, title, kinds in THEMES
    ]
    return [theme for theme in themes if theme["rows"]]


def _with_variants(kind: str, rows: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for name, row in rows.items() if name.partition(".")[0] == kind]


async def _rows_of(language: Language, *, is_discreet: bool) -> dict[str, dict[str, Any]]:
    """By kind with its variant: name, and for each channel the address of its page and whose words are in use. One query."""
    kept = await kept_words.kept_in(language.code, is_discreet=is_discreet)
    rows: dict[str, dict[str, Any]] = {}
    for kind, channel in kept_words.editable(is_discreet=is_discreet):
        if channel == "call" and language.code != "en":
            continue
        whose = "kept" if (kind, channel) in kept else "shipped"
        if whose == "shipped" and not wording.is_shipped(kind, channel, language.code, is_discreet):
            whose = "english"
        path = f"/staff/wording/{language.code}/{kind}/{channel}" + ("?discreet=1" if is_discreet else "")
        row = rows.setdefault(kind, _row(kind))
        row["texts"][channel] = {"href": path, "whose": WHOSE[whose]}
    return rows


def _row(kind: str) -> dict[str, Any]:
    plain, _, variant = kind.partition(".")
    variant_words = VARIANTS.get(variant, variant.replace("_", " "))
    return {"name": name_words(kind), "kind": name_words(plain), "variant": variant_words, "texts": {}}


def missing_in(language: Language) -> int:
    """How many texts are English because nothing is shipped in this language: those for partners and staff are on purpose."""
    texts = kept_words.editable(is_discreet=False)
    ours = [each for each in texts if each[1] != "call" and each[0].partition(".")[0] in _of_families()]
    return sum(not wording.is_shipped(kind, channel, language.code, False) for kind, channel in ours)


def _of_families() -> frozenset[str]:
    """The kinds that families read."""
    return frozenset(kind for kind in wording.KINDS if not kind.startswith(("room_", "partner_", "staff_")))


def version_rows(versions: Sequence[Version]) -> list[dict[str, Any]]:
    return [
        {
            "when": short_instant(each.changed_at),
            "who": each.changed_by or "The system",
            "is_in_use": each.replaced_at is None,
            "subject": each.words.subject,
            "body": each.words.body,
        }
        for each in versions
    ]


def cost_words(parts: int, pence: float) -> str:
    """ "4p a text", "" when a part costs nothing."""
    return f"{parts * pence:g}p a text" if pence and parts else ""

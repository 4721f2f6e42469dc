"""The languages that messages can be written in: those spoken in English counties."""

from dataclasses import dataclass

from booking.people.languages import NAMES, RIGHT_TO_LEFT

LOCALES = {"en": "en_GB", "pt": "pt_PT"}  # the others are called like their language


@dataclass(frozen=True, slots=True)
class Language:
    """`code` as BCP 47 writes it, for HTML; `locale` is the name of its dates in Unicode's CLDR."""

    code: str
    name: str
    own_name: str
    locale: str
    is_rtl: bool = False


LANGUAGES = {
    code: Language(code, english, own, LOCALES.get(code, code), code in RIGHT_TO_LEFT)
    for code, (own, english) in NAMES.items()
}

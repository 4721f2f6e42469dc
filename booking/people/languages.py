"""The languages that messages are written in, each by its own name. Which are offered is a setting (messages.languages)."""

from dataclasses import dataclass

NAMES = {
    "en": ("English", "English"), "ar": ("العربية", "Arabic"), "bn": ("বাংলা", "Bengali"), "cy": ("Cymraeg", "Welsh"),
    "pl": ("Polski", "Polish"), "pt": ("Português", "Portuguese"), "ro": ("Română", "Romanian"),
    "uk": ("Українська", "Ukrainian"), "ur": ("اردو", "Urdu"),
}  # fmt: skip
RIGHT_TO_LEFT = ("ar", "ur")


@dataclass(frozen=True, slots=True)
class Language:
    """One that may be chosen: its own name first, the English one behind it for whoever helps with the form."""

    code: str
    name: str
    english: str

    @property
    def words(self) -> str:
        return self.name if self.name == self.english else f"{self.name} ({self.english})"

    @property
    def direction(self) -> str:
        return "rtl" if self.code in RIGHT_TO_LEFT else "ltr"


def language(code: str) -> Language:
    """The language of a code; what nobody knows is English."""
    return Language(code, *NAMES[code]) if code in NAMES else Language("en", *NAMES["en"])


def offered(codes: str) -> list[Language]:
    """English and those of the setting ("cy pl ro"), in the order of their own names; unknown codes are left out."""
    others = sorted((language(code) for code in set(codes.split()) if code in NAMES and code != "en"), key=_by_name)
    return [language("en"), *others]


def _by_name(each: Language) -> str:
    return each.english


def wanted_by(accept_language: str, codes: str) -> str:
    """The offered language that a browser asks for first ("cy-GB,en;q=0.8" is "cy"); English where it asks for none."""
    ours = {each.code for each in offered(codes)}
    asked = []
    for n, part in enumerate(accept_language[:200].split(",")[:20]):
        code, _, quality = part.partition(";q=")
        asked.append((-_quality(quality), n, code.strip().lower().split("-")[0]))
    return next((code for _, _, code in sorted(asked) if code in ours), "en")


def _quality(text: str) -> float:
    try:
        return float(text) if text.strip() else 1.0
    except ValueError:
        return 0.0

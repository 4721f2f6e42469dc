"""Names in web addresses: readable for what is public, meaningless for what is not."""

import re
import unicodedata
from collections.abc import Collection
from uuid import UUID


def slug_of(*words: str, longest: int = 100) -> str:
    """Lower-case letters, figures and hyphens from any words, cut at a word; "" if nothing is left."""
    plain = unicodedata.normalize("NFKD", " ".join(words)).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^a-z0-9]+", "-", plain.lower().replace("'", "")).strip("-")
    return plain if len(plain) <= longest else plain[: longest + 1].rpartition("-")[0] or plain[:longest]


def free_slug(wanted: str, taken: Collection[str]) -> str:
    """The wanted slug, or the first of wanted-2, wanted-3 ... that nobody has."""
    slug, n = wanted or "place", 1
    while slug in taken:
        n += 1
        slug = f"{wanted or 'place'}-{n}"
    return slug


def hidden_slug(id: UUID) -> str:
    """For what must not be known by its address (promise P5): the random end of its id."""
    return f"private-{id.hex[-12:]}"

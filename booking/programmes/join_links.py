"""What may be a link to join by: families press it, so it is an address of the web, secure, and reads as it is. Pure."""

from urllib.parse import urlsplit


def is_join_link(text: str) -> bool:
    """ "https://meet.example.org/abc", printable, without spaces or signs that end an attribute; nothing that turns direction."""
    if not text.startswith("https://") or not text.isprintable() or any(c.isspace() or c in "<>\"'\\`" for c in text):
        return False
    try:
        host = urlsplit(text).hostname or ""
    except ValueError:
        return False
    return "." in host.strip(".")

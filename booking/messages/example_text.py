"""What a text to somebody would look like, for the form in which they choose how they are reached. Nothing is written or sent."""

import re
from dataclasses import replace

from booking.messages import wording
from booking.messages.said import Said


def reminder(said: Said, *, name: str, language: str = "en", is_discreet: bool = False) -> str:
    """The reminder of a session as a text would say it, its link shortened so that it opens nothing."""
    told = replace(said, is_discreet=said.is_discreet or is_discreet)
    facts = {"name": name.split(" ")[0], "marker": "x", "said": told, "dates": [told], "people": "", "reference": ""}
    text = wording.compose("reminder_days", "sms", facts | {"token": "x"}, language=language)
    return re.sub(r"/m/x\.x", "/m/…", text.body)

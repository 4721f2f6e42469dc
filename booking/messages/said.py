"""What may be said of one session to one audience: the only thing about a session that the messages ever see."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Said:
    """Words about one session for the people booked on it, made by the programmes area (promise P5).

    `starts_at` and `ends_at` are aware UTC; the wording turns them into local words. When `is_discreet`, no text, mail
    or calendar entry uses anything but the time: the other fields may then be empty, and are ignored if they are not.
    """

    session_id: UUID
    starts_at: datetime
    ends_at: datetime
    title: str = ""
    place: str = ""  # "Ferndown Family Hub, Penny's Walk, BH22 9JU"; "Online" for an online session
    directions: str = ""  # how to get there, one or two sentences
    bring: str = ""
    host: str = ""
    join_url: str = ""  # online sessions: the link to join by
    page_path: str = ""  # "/sessions/...": the public page, for the calendar entry; never a link with a token
    latitude: float | None = None
    longitude: float | None = None
    is_discreet: bool = False

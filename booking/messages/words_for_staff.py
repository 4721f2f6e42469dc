"""Kinds, channels and states of messages in the words of staff, one place for every page that lists messages."""

import re

KINDS = {
    "confirmation": "Confirmation",
    "changed": "Change",
    "reminder_days": "Reminder, days before",
    "reminder_hours": "Reminder, hours before",
    "cancellation": "Cancellation",
    "given_up": "Place given up",
    "missed": "Will miss one date",
    "waiting_joined": "On the waiting list",
    "sign_in_code": "Code to sign in",
    "manage_code": "Code to see bookings",
    "invite": "Calendar entry",
    "room_requested": "Room asked for",
    "room_confirmed": "Room booked",
    "room_declined": "Room declined",
    "room_changed": "Room booking changed",
    "room_cancelled": "Room booking cancelled",
    "room_displaced": "Room taken away",
    "room_swap": "Asked to take another room",
    "room_reminder": "Reminder of a room",
    "room_date_free": "Missing date is free",
    "partner_expiry": "Agreement or insurance ends",
}
CHANNELS = {"sms": "Text message", "email": "Email"}
# the level is a colour and a sign of the state tag, the words stand in it
STATES = {
    "queued": {"level": "waits", "words": "Waiting"},
    "claimed": {"level": "waits", "words": "Being sent"},
    "sent": {"level": "good", "words": "Sent"},
    "delivered": {"level": "good", "words": "Delivered"},
    "failed": {"level": "bad", "words": "Failed"},
    "void": {"level": "plain", "words": "Taken back"},
    "missed": {"level": "bad", "words": "Too late, not sent"},
}


def without_links(body: str) -> str:
    """The text with the tokens of links left out that open a booking: "https://hubs.example/m/..."."""
    return re.sub(r"(/(?:m|swaps)/)[\w.~-]+", r"\1...", body)

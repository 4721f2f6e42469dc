"""Kinds, channels and states of messages in the words of staff, one place for every page that lists messages."""

import re

from booking.messages import bounce_reading, error_words

KINDS = {
    "confirmation": "Confirmation",
    "changed": "Change",
    "dates_changed": "Change of several dates",
    "date_added": "One more date",
    "reminder_days": "Reminder, days before",
    "reminder_hours": "Reminder, hours before",
    "cancellation": "Cancellation",
    "given_up": "Place given up",
    "missed": "Will miss one date",
    "catch_up": "Catches up on another date",
    "staff_decide": "Too few booked, please decide",
    "waiting_joined": "On the waiting list",
    "offer": "A place is offered",
    "offer_gone": "Offer has run out",
    "offer_passed": "Offer was passed",
    "offer_withdrawn": "Offer taken back",
    "text_read": "Their text is read by a person",
    "text_choose": "Asked which place they mean",
    "text_gave_up": "Place given up by text",
    "text_took_back": "Place taken back by text",
    "text_not_free": "Place taken by others meanwhile",
    "staff_text": "Answer to a text",
    "text_test": "Test of a text",
    "digest": "Several changes in one",
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
    "goes_on": "Goes on after all",
    "notice": "Notice to many",
    "also_told": "Is told beside a family",
    "staff_stood_down": "Staff told of a closing",
    "rota_published": "Rota published",
    "duty_changed": "Duties changed",
    "duty_tomorrow": "Reminder of duties",
    "duty_invite": "Duty for the calendar",
    "swap_asked": "Asked to swap a duty",
    "swap_agreed": "Colleague agrees to swap",
    "swap_declined": "Colleague cannot swap",
    "swap_decided": "Swap refused or off",
    "leave_approved": "Leave approved",
    "leave_declined": "Leave declined",
    "cover_ask": "Asked to cover a duty",
    "cover_yours": "Has the duty they said yes to",
    "cover_thanks": "Thanked, somebody else covers",
    "cover_gone": "Duty not free any more",
}
# what belongs to messages, in the order of the navigation above each of its pages; only what has a route is shown (booking/sections.py)
SECTIONS = (
    ("/outbox", "Outbox"),
    ("/staff/texts", "Texts"),
    ("/staff/notices", "Notices"),
    ("/staff/people", "People"),
    ("/staff/wording", "Wording"),
    ("/staff/messages", "Figures"),
    ("/staff/jobs", "Jobs"),
)
CHANNELS = {"sms": "Text message", "email": "Email", "call": "Call"}
PROVIDERS = {"twilio": "Twilio", "notify": "GOV.UK Notify", "smtp": "the mail host"}
# the level is a colour and a sign of the state tag, the words stand in it
STATES = {
    "queued": {"level": "waits", "words": "Waiting"},
    "claimed": {"level": "waits", "words": "Being sent"},
    "sent": {"level": "good", "words": "Sent"},
    "delivered": {"level": "good", "words": "Delivered"},
    "failed": {"level": "bad", "words": "Failed"},
    "void": {"level": "plain", "words": "Taken back"},
    "missed": {"level": "bad", "words": "Too late, not sent"},
    "merged": {"level": "plain", "words": "Told with others"},
}


def why_failed(code: str) -> str:
    """Why a message failed, from the code alone: nothing that a host or provider wrote, which may name an address."""
    return error_words.words(code) or bounce_reading.WORDS.get(code) or (f"Error {code}" if code else "No reason given")


def without_links(body: str) -> str:
    """The text with the tokens of links left out that open a booking: "https://hubs.example/m/..."."""
    return re.sub(r"(/(?:m|o|t|swaps|duties/ask)/)[\w.~-]+", r"\1...", body)

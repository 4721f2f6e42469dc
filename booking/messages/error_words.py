"""What providers' codes say, in the words of staff, and what they say about an address.

Twilio: twilio.com/docs/api/errors. GOV.UK Notify has words instead of numbers (docs.notifications.service.gov.uk, "Message statuses").
Ours are words as well: limit, country, opted_out, not_mobile, bounced, silence, connect.
"""

OPTED_OUT = "opted_out"  # texts are not wanted; a call may be
NOT_MOBILE = "not_mobile"  # no text can arrive
FAILING = "failing"  # the last text did not arrive; the next one may
LANDLINE = "This number cannot receive texts. It may be a landline."

# code -> words, and what to mark the number with ("": it is not the number's fault)
WORDS: dict[str, tuple[str, str]] = {
    "21610": ("This number has opted out of texts.", OPTED_OUT),
    "21211": ("This number cannot receive texts. Check it with the family.", NOT_MOBILE),
    "21265": ("This is a short number of a company, not a mobile.", NOT_MOBILE),
    "21614": (LANDLINE, NOT_MOBILE),
    "21635": (LANDLINE, NOT_MOBILE),
    "30006": (LANDLINE, NOT_MOBILE),
    "30003": ("The phone could not be reached: off, out of signal or out of use.", FAILING),
    "30004": ("The phone or its network blocks our texts.", FAILING),
    "30005": ("The network does not know this number. Check it with the family.", FAILING),
    "30007": ("The network took the text for spam and kept it back.", ""),
    "30008": ("The network did not deliver the text and does not say why.", ""),
    "30001": ("The provider had more to send than it could.", ""),
    "21612": ("The provider cannot send from our sender to this number.", ""),
    "21617": ("The text is too long.", ""),
    "permanent-failure": ("The network refused the text. The number may be wrong: check it with the family.", FAILING),
    "temporary-failure": ("The phone could not be reached for three days: off, out of signal or full.", FAILING),
    "technical-failure": ("The provider could not hand the text to a network.", ""),
    "international": ("Texts to other countries are switched off at the provider.", ""),
    "too_long": ("The text is longer than the provider takes.", ""),
    "limit": ("So many texts went to this number that no more codes are sent for now.", ""),
    "country": ("Texts to this kind of number are not allowed here.", ""),
    "opted_out": ("This number has opted out of texts.", OPTED_OUT),
    "not_mobile": (LANDLINE, NOT_MOBILE),
    "bounced": ("This mail address does not work.", ""),
}


def words(code: str) -> str:
    """A sentence for staff; "" for a code that nobody has put into words yet."""
    return WORDS.get(code, ("", ""))[0]


def address_state(code: str) -> str:
    """What the code says about the number: "opted_out", "not_mobile", "failing" or ""."""
    return WORDS.get(code, ("", ""))[1]

"""Texts that somebody types to break things, for every field there is."""

SCRIPT = "<script>alert(1)</script>"
TEXTS = [
    SCRIPT,
    '"><img src=x onerror=alert(1)>',
    "'; DROP TABLE booking; --",
    "=cmd|' /C calc'!A0",
    "Ann\r\nBEGIN:VALARM\r\nTRIGGER:-PT1M",
    "😀" * 40,
    "\u202eevil\u2066",
    "אבגד " * 15,
    "{{ 7 * 7 }}{% raw %}",
    "%s%n%00x"[:4] + "\\",
    "A" * 300,
    "Zoë\u0301 O’Brien-Ñandú",
    "\x01\x1b[31m\x7f",
    "\ufeff\u200b\u2028\u2029",
]

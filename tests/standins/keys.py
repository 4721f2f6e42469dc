"""What the stand-ins for providers know us by, as the environment would say it."""

NOTIFY_SERVICE, NOTIFY_SECRET = "26785a09-ab16-4eb0-8407-a37497a57506", "3d844edf-8d35-48ac-975b-e847b4f122b0"
NOTIFY_KEY = f"tests-{NOTIFY_SERVICE}-{NOTIFY_SECRET}"
CALLBACK_TOKEN = "notify-calls-back"
ENVIRONMENT = {
    "BOOKING_SMS_AUTH_TOKEN": "secret",
    "BOOKING_NOTIFY_API_KEY": NOTIFY_KEY,
    "BOOKING_NOTIFY_CALLBACK_TOKEN": CALLBACK_TOKEN,
}

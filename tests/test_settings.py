"""Settings: every key there and known, the environment on top, and no secret ever shown."""

import dataclasses
import re
from pathlib import Path

import pytest

from booking.settings import ROOT, SECTIONS, BrokenSettings, load

FILE = ROOT / "settings.toml"


def with_(tmp_path: Path, change) -> Path:
    """A copy of settings.toml with something changed."""
    file = tmp_path / "settings.toml"
    file.write_text(change(FILE.read_text("utf-8")), "utf-8")
    return file


def without_key(key: str):
    return lambda text: re.sub(rf"(?m)^{key} = .*\n", "", text, count=1)


ALL_KEYS = [(section, field.name) for section, kind in SECTIONS.items() for field in dataclasses.fields(kind)]


@pytest.mark.parametrize(("section", "key"), ALL_KEYS)
def test_a_missing_key_stops_the_start_with_its_name(tmp_path, section, key):
    file = with_(tmp_path, without_key(key))
    with pytest.raises(BrokenSettings, match=rf"{section}\.{key} is missing"):
        load({}, file)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text + "\n[sign_in2]\na = 1\n", r"no section \[sign_in2\]"),
        (lambda text: text.replace("pool = 10", "pool = 10\npol = 11"), r"unknown key database\.pol\b"),
        (lambda text: text.replace("pool = 10", 'pool = "10"'), r"database\.pool must be a whole number"),
        (lambda text: text.replace("pool = 10", "pool = true"), r"database\.pool must be a whole number"),
        (lambda text: text.replace("embedded = true", "embedded = 1"), r"jobs\.embedded must be true or false"),
        (lambda text: text.replace('"Family Hubs"', "7"), r"site\.name must be text"),
        (lambda text: "name = 1\n" + text, r"name stands outside any section"),
        (lambda text: text + "\n[site", r"is not valid TOML"),
        (lambda text: text.replace("[database]", "[database]\nsecret_key = 'x'"), r"unknown key database\.secret_key"),
        (
            lambda text: text.replace('"starttls"', '"ssl"'),
            r"messages\.mail_security must be one of starttls, tls, none",
        ),
        (lambda text: text.replace('sms_countries = "44"', 'sms_countries = "+44"'), r"messages\.sms_countries"),
        (lambda text: text.replace('sms_countries = "44"', 'sms_countries = ""'), r"messages\.sms_countries"),
        (lambda text: text.replace("Europe/London", "Europe/Londn"), r"site\.time_zone"),
        (lambda text: text.replace("pool = 10", "pool = 0"), r"database\.pool must be 1 or more"),
        (lambda text: text.replace("code_tries = 5", "code_tries = -5"), r"sign_in\.code_tries must be 1 or more"),
        (lambda text: text.replace("port = 8000", "port = 80000"), r"server\.port must be from 1 to 65535"),
        (lambda text: text.replace("http://127.0.0.1:8000", "127.0.0.1:8000"), r"site\.base_url"),
        (lambda text: text.replace("http://127.0.0.1:8000", "http://["), r"site\.base_url"),
    ],
)
def test_a_broken_file_stops_the_start_with_one_line(tmp_path, change, words):
    with pytest.raises(BrokenSettings, match=words) as broken:
        load({}, with_(tmp_path, change))
    assert "\n" not in str(broken.value).strip()


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"BOOKING_SITE_NAM": "x"}, "BOOKING_SITE_NAM names no setting"),
        ({"BOOKING_SECRET": "x"}, "BOOKING_SECRET names no setting"),
        ({"BOOKING_DATABASE_POOL": "many"}, "BOOKING_DATABASE_POOL must be a whole number"),
        ({"BOOKING_JOBS_EMBEDDED": "yes"}, "BOOKING_JOBS_EMBEDDED must be true or false"),
        ({"BOOKING_SETTINGS": "/nowhere/settings.toml"}, "cannot be read"),
        ({"BOOKING_SETTINGS": "/"}, "cannot be read"),
        ({"BOOKING_MESSAGES_MAIL_SECURITY": "none "}, "mail_security must be one of"),
    ],
)
def test_a_broken_environment_stops_the_start_with_one_line(environment, words):
    with pytest.raises(BrokenSettings, match=words):
        load(environment)


def test_the_environment_wins_over_ones_own_file_and_that_over_the_first(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text('[site]\nname = "Own"\ncounty = "Kent"\n', "utf-8")
    loaded = load(
        {"BOOKING_SETTINGS": str(own), "BOOKING_SITE_NAME": "Env", "BOOKING_SIGN_IN_CODE_TRIES": "3", "PATH": "/"}
    )
    assert (loaded.site.name, loaded.site.county, loaded.sign_in.code_tries) == ("Env", "Kent", 3)
    assert loaded.server.port == 8000


def test_types_from_the_environment_are_those_of_the_keys():
    loaded = load({"BOOKING_JOBS_EMBEDDED": "False", "BOOKING_SERVER_PORT": "8100"})
    assert loaded.jobs.embedded is False and loaded.server.port == 8100


SECRET = "correct-horse-battery"


def test_no_secret_is_shown_by_repr_or_in_an_error():
    loaded = load(
        {
            "BOOKING_SECRET_KEY": SECRET, "BOOKING_SMS_AUTH_TOKEN": SECRET, "BOOKING_MAIL_PASSWORD": SECRET,
            "BOOKING_DATABASE_URL": f"postgres://hubs:{SECRET}@db.example/hubs",
        }
    )  # fmt: skip
    assert loaded.secrets.sms_auth_token == SECRET
    for shown in (repr(loaded), str(loaded), repr(loaded.secrets), repr(loaded.database), f"{loaded.database}"):
        assert SECRET not in shown


def test_secrets_are_not_read_from_a_file():
    assert "secrets" not in SECTIONS
    assert not re.search(r"(?m)^(secret_key|sms_auth_token|mail_password)", FILE.read_text("utf-8"))


def test_nothing_in_a_settings_object_can_be_changed():
    loaded = load({})
    with pytest.raises(dataclasses.FrozenInstanceError):
        loaded.site.name = "x"
    with pytest.raises(dataclasses.FrozenInstanceError):
        loaded.site = None


def test_nothing_is_sent_until_everything_for_it_is_there():
    loaded = load({})
    assert not loaded.sends_sms and not loaded.sends_mail
    half = load({"BOOKING_MESSAGES_SMS_ACCOUNT_SID": "AC1", "BOOKING_MESSAGES_SMS_SENDER": "Hubs"})
    assert not half.sends_sms
    assert load(
        {
            "BOOKING_MESSAGES_SMS_ACCOUNT_SID": "AC1",
            "BOOKING_MESSAGES_SMS_SENDER": "Hubs",
            "BOOKING_SMS_AUTH_TOKEN": "t",
        }
    ).sends_sms

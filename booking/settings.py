"""settings.toml and the environment, read once into one frozen object.

Order: settings.toml beside the project, then the file that BOOKING_SETTINGS names, then BOOKING_<SECTION>_<KEY> from the
environment. Every key must be there and none may be unknown. Secrets come from the environment alone.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, get_type_hints
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

PACKAGE = Path(__file__).parent
ROOT = next(folder for folder in (PACKAGE.parent, PACKAGE / "_bundled") if (folder / "templates").is_dir())


class BrokenSettings(Exception):
    """The settings cannot be used; the text names the key and what to do."""


@dataclass(frozen=True)
class Site:
    name: str
    county: str
    base_url: str
    help_phone: str
    help_email: str
    time_zone: str


@dataclass(frozen=True)
class Server:
    host: str
    port: int
    trusted_proxies: str
    public_page_seconds: int
    log_format: str


@dataclass(frozen=True)
class Database:
    url: str
    pool: int

    def __repr__(self) -> str:
        return f"Database({urlsplit(self.url).scheme}, pool={self.pool})"  # the URL may hold a password


@dataclass(frozen=True)
class Messages:
    sms_provider: str
    sms_base_url: str
    sms_account_sid: str
    sms_sender: str
    sms_sender_neutral: str
    notify_base_url: str
    notify_template: str
    notify_sender: str
    sms_a_minute: int
    sms_an_hour: int
    sms_a_day: int
    sms_an_hour_to_one: int
    sms_a_day_to_one: int
    sms_countries: str
    sms_part_pence: float
    quiet_from_hour: int
    quiet_to_hour: int
    languages: str
    mail_host: str
    mail_port: int
    mail_security: str
    mail_user: str
    mail_from: str
    mail_from_neutral: str
    bounce_host: str
    bounce_port: int
    bounce_security: str
    bounce_user: str
    bounce_folder: str
    timeout_seconds: int
    at_once: int


@dataclass(frozen=True)
class Jobs:
    embedded: bool
    deliver_every_seconds: int


@dataclass(frozen=True)
class Places:
    lease_minutes: int
    undo_minutes: int
    displace_notice_days: int


@dataclass(frozen=True)
class Offers:
    hours_far_ahead: int
    hours_in_the_week: int
    hours_the_day_before: int
    minutes_on_the_day: int
    shortest_minutes: int
    margin_minutes: int
    smaller_may_pass: bool


@dataclass(frozen=True)
class Rotas:
    weeks_ahead: int
    own_hosts: str


@dataclass(frozen=True)
class SignIn:
    code_minutes: int
    code_tries: int
    idle_hours: int


@dataclass(frozen=True)
class Secrets:
    """From BOOKING_SECRET_KEY, BOOKING_SMS_AUTH_TOKEN and so on; empty where not given."""

    secret_key: str = ""
    sms_auth_token: str = ""
    mail_password: str = ""
    notify_api_key: str = ""
    notify_callback_token: str = ""
    bounce_password: str = ""

    def __repr__(self) -> str:
        return "Secrets(...)"


@dataclass(frozen=True)
class Settings:
    site: Site
    server: Server
    database: Database
    messages: Messages
    jobs: Jobs
    places: Places
    offers: Offers
    rotas: Rotas
    sign_in: SignIn
    secrets: Secrets
    is_demo: bool = False

    @property
    def sends_sms(self) -> bool:
        if self.messages.sms_provider == "notify":
            return bool(self.messages.notify_template and self.secrets.notify_api_key)
        return bool(self.messages.sms_account_sid and self.secrets.sms_auth_token and self.messages.sms_sender)

    @property
    def sends_mail(self) -> bool:
        return bool(self.messages.mail_host)

    def with_(self, section: str, **changes: Any) -> "Settings":
        """A copy with some keys of one section changed."""
        return replace(self, **{section: replace(getattr(self, section), **changes)})


SECTIONS = {name: kind for name, kind in get_type_hints(Settings).items() if name not in ("secrets", "is_demo")}
ENVIRONMENT_ONLY = {f"BOOKING_{field.name.upper()}" for field in fields(Secrets)} | {"BOOKING_SETTINGS"}
MAIL_SECURITY = ("starttls", "tls", "none")
ONE_OF = {
    "server.log_format": ("text", "json"),
    "messages.sms_provider": ("twilio", "notify"),
    "messages.mail_security": MAIL_SECURITY,
    "messages.bounce_security": ("tls", "starttls", "none"),
}
OWN_TOOLS = {
    "BOOKING_PYTHON",
    "BOOKING_CHROMIUM",
    "BOOKING_SCREENSHOTS",
    "BOOKING_TEST_DATABASE",
    "BOOKING_TEST_POSTGRES",
}


def load(environment: Mapping[str, str] = os.environ, file: Path | None = None) -> Settings:
    """The settings. Raises BrokenSettings with one line that names the key."""
    table = _read(file or ROOT / "settings.toml")
    if "BOOKING_SETTINGS" in environment:
        for section, keys in _read(Path(environment["BOOKING_SETTINGS"])).items():
            table.setdefault(section, {}).update(keys)
    _override(table, environment)
    for section in table:
        if section not in SECTIONS:
            raise BrokenSettings(f"settings: there is no section [{section}]. Known: {', '.join(SECTIONS)}.")
    values = {name: _section(name, kind, table.get(name, {})) for name, kind in SECTIONS.items()}
    _refuse_nonsense(values)
    secrets = Secrets(**{f.name: environment.get(f"BOOKING_{f.name.upper()}", "") for f in fields(Secrets)})
    return Settings(**values, secrets=secrets)


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise BrokenSettings(f"settings: {path} cannot be read ({error.strerror}).") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BrokenSettings(f"settings: {path} is not valid TOML: {error}.") from error
    for name, keys in table.items():
        if not isinstance(keys, dict):
            raise BrokenSettings(f"settings: {name} stands outside any section of {path}.")
    return table


def _override(table: dict[str, dict[str, Any]], environment: Mapping[str, str]) -> None:
    for variable, text in environment.items():
        if not variable.startswith("BOOKING_") or variable in ENVIRONMENT_ONLY | OWN_TOOLS:
            continue
        section = next((s for s in SECTIONS if variable.startswith(f"BOOKING_{s.upper()}_")), None)
        key = variable.removeprefix(f"BOOKING_{section.upper()}_").lower() if section else ""
        kind = get_type_hints(SECTIONS[section]).get(key) if section else None
        if section is None or kind is None:
            raise BrokenSettings(f"settings: the environment's {variable} names no setting.")
        table.setdefault(section, {})[key] = _from_text(variable, text, kind)


def _from_text(variable: str, text: str, kind: type) -> Any:
    if kind is bool:
        if text.lower() not in ("true", "false"):
            raise BrokenSettings(f"settings: {variable} must be true or false, not {text!r}.")
        return text.lower() == "true"
    if kind is int:
        try:
            return int(text)
        except ValueError as error:
            raise BrokenSettings(f"settings: {variable} must be a whole number, not {text!r}.") from error
    if kind is float:
        try:
            return float(text)
        except ValueError as error:
            raise BrokenSettings(f"settings: {variable} must be a number, not {text!r}.") from error
    return text


def _section(name: str, kind: type, keys: dict[str, Any]) -> Any:
    hints = get_type_hints(kind)
    for key, value in keys.items():
        if key not in hints:
            raise BrokenSettings(f"settings: unknown key {name}.{key}. Known: {', '.join(hints)}.")
        if type(value) is not hints[key]:
            raise BrokenSettings(f"settings: {name}.{key} must be {_word(hints[key])}, not {value!r}.")
    for key in hints:
        if key not in keys:
            raise BrokenSettings(f"settings: {name}.{key} is missing.")
    return kind(**keys)


def _refuse_nonsense(values: dict[str, Any]) -> None:
    """What has the right type and still cannot be meant. Raises BrokenSettings for the first."""
    site, server, messages = values["site"], values["server"], values["messages"]
    for name, section in values.items():
        for key, number in vars(section).items():
            least = 0 if key == "public_page_seconds" else 1
            if type(number) is int and number < least:
                raise BrokenSettings(f"settings: {name}.{key} must be {least} or more, not {number}.")
    ports = ("server.port", server.port), ("messages.mail_port", messages.mail_port)
    for name, port in (*ports, ("messages.bounce_port", messages.bounce_port)):
        if port > 65535:
            raise BrokenSettings(f"settings: {name} must be from 1 to 65535, not {port}.")
    if not messages.quiet_to_hour <= messages.quiet_from_hour <= 23:
        raise BrokenSettings("settings: messages.quiet_from_hour must not be before quiet_to_hour, and at most 23.")
    if values["rotas"].weeks_ahead > 52:
        raise BrokenSettings(f"settings: rotas.weeks_ahead must be 52 or less, not {values['rotas'].weeks_ahead}.")
    if messages.sms_part_pence < 0:
        raise BrokenSettings(f"settings: messages.sms_part_pence must be 0 or more, not {messages.sms_part_pence}.")
    if not all(code.isascii() and code.isdigit() for code in messages.sms_countries.split() or ["none"]):
        raise BrokenSettings(
            f"settings: messages.sms_countries must be calling codes such as 44 353, not {messages.sms_countries!r}."
        )
    for name, known in ONE_OF.items():
        section, _, key = name.partition(".")
        if (chosen := getattr(values[section], key)) not in known:
            raise BrokenSettings(f"settings: {name} must be one of {', '.join(known)}, not {chosen!r}.")
    if not _is_address(site.base_url):
        raise BrokenSettings(
            f"settings: site.base_url must be an address such as https://hubs.example, not {site.base_url!r}."
        )
    try:
        ZoneInfo(site.time_zone)
    except (KeyError, ValueError, OSError) as error:
        raise BrokenSettings(
            f"settings: site.time_zone {site.time_zone!r} is no zone; use one like Europe/London."
        ) from error


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False


def _word(kind: type) -> str:
    words: dict[type, str] = {str: "text", int: "a whole number", float: "a number with a point", bool: "true or false"}
    return words[kind]

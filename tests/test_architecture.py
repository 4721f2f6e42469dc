"""Who may import whom (docs/decisions/who-imports-whom.md), and one door for each outside package."""

import ast
import importlib
import re
import sys
from collections import defaultdict
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
AREAS = ("people", "places", "programmes", "rotas", "messages", "open_data", "reports")

# area -> the areas that its verbs and rules may import
MAY_IMPORT = {
    "people": {"messages"},
    "places": {"people", "messages"},
    "programmes": {"people", "places", "messages"},
    "rotas": {"people", "places", "programmes", "messages"},
    "messages": {"people"},
    "open_data": {"people", "places", "programmes", "rotas", "messages"},
    "reports": {"people", "places", "programmes", "rotas", "messages"},
}
# what the verbs of other areas may know of messages; their pages may also make a calendar file
# (hours: offers and reminders keep the same quiet and safe hours as whatever leaves; reaching: the preview of a notice says by which
# channel and from when each of many would hear; calls: what staff have to ring about stands on Today and on the date's page)
OUTBOX = {
    f"booking.messages.{name}"
    for name in ("outbox", "inbox", "said", "words_for_staff", "hours", "reaching", "writing_back", "calls")
}
OUTBOX |= {"booking.messages.following"}  # what waits follows its person, when they change how they are reached
OUTBOX_FOR_FEEDS = OUTBOX | {f"booking.messages.{name}" for name in ("calendar", "feed_calendar")}
OUTBOX_FOR_PAGES = (
    OUTBOX_FOR_FEEDS
    | {f"booking.messages.{name}" for name in ("calendar", "channels", "invites", "example_text", "outbox_lists")}
    | {"booking.messages.pacing"}
)  # admins see on Today when a limit is near
# top-level modules that put the house together and so know areas
BUILDERS = {"booking.app", "booking.checking", "booking.cli", "booking.importing_command"}
KNOWS_WHO_ASKS = {
    "booking.web": {"booking.people.agreements", "booking.people.models", "booking.people.signing_in"},
    "booking.who_asks": {"booking.people.signing_in"},
    "booking.health": {"booking.messages.pacing"},  # monitoring hears of limits too
}

DOORS = {
    "twilio": {"booking.messages.sms"},
    "notifications_python_client": {"booking.messages.notify"},
    "requests": {"booking.messages.notify"},  # what Notify's client stands on, made to send each thing once
    "urllib3": {"booking.messages.notify"},
    "icalendar": {"booking.messages.calendar"},
    "aiosmtplib": {"booking.messages.email"},
    "imaplib": {"booking.messages.bounce_mailbox"},
    "apscheduler": {"jobs.timetable"},
    "phonenumbers": {"booking.people.contacts"},
    "govuk_bank_holidays": {"booking.places.bank_holidays"},
    "uvicorn": {"booking.cli"},
    "uuid_utils": {"booking.db"},
    "asyncpg": {"booking.migrating"},  # the lock that outlives the ORM's connections
    "httpx": {"booking.messages.checking", "booking.messages.sms"},
    "zoneinfo": {"booking.clock", "booking.checking", "booking.settings"},  # the last two ask whether a zone is one
    "sqlite3": {"booking.db_sqlite", "booking.migrating"},
    "pythonjsonlogger": {"booking.logs"},
    "babel": {"booking.messages.wording_dates"},
    "highspy": {"booking.rotas.planner.solver"},
    "numpy": set(),
    "itsdangerous": set(),
    "wtforms": set(),
}


def module_of(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> dict[str, Path]:
    files = [
        file for folder in ("booking", "jobs") for file in (ROOT / folder).rglob("*.py") if "_bundled" not in file.parts
    ]
    return {module_of(file): file for file in files}


@cache
def imports() -> dict[str, list[tuple[str, bool]]]:
    """module -> what it imports (a module of ours as far as it is one), and whether inside a function."""
    found = defaultdict(list)
    for name, file in modules().items():
        tree = ast.parse(file.read_text("utf-8"))
        typing_only = {
            id(node)
            for block in ast.walk(tree)
            if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.dump(block.test)
            for node in ast.walk(block)
        }
        for node in ast.walk(tree):
            if id(node) in typing_only:
                continue
            for wanted in _named(node):
                while wanted.split(".")[0] in ("booking", "jobs") and wanted not in modules():
                    wanted = wanted.rpartition(".")[0]
                found[name].append((wanted, bool(node.col_offset)))
    return found


def _named(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are absolute"
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def area_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[0] == "booking" and parts[1] in AREAS else ""


def is_page(module: str) -> bool:
    return ".pages" in module


def ours() -> list[tuple[str, str]]:
    return [
        (name, wanted)
        for name, all_ in imports().items()
        for wanted, _ in all_
        if wanted.split(".")[0] in ("booking", "jobs")
    ]


def test_areas_import_only_what_stands_below_them():
    """Pages may read any area: what is on at a place stands on the place's page."""
    wrong = [
        f"{name} imports {wanted}"
        for name, wanted in ours()
        if area_of(name) and area_of(wanted) and area_of(name) != area_of(wanted) and not is_page(name)
        and area_of(wanted) not in MAY_IMPORT[area_of(name)]
    ]  # fmt: skip
    assert not wrong


def test_messages_are_called_through_the_outbox():
    wrong = [
        f"{name} imports {wanted}"
        for name, wanted in ours()
        if area_of(wanted) == "messages" and area_of(name) not in ("", "messages")
        and wanted not in _doors_of_messages(name)
    ]  # fmt: skip
    assert not wrong


def _doors_of_messages(name: str) -> set[str]:
    """Feeds are calendars: open_data writes them by the same hand as messages write entries."""
    if is_page(name):
        return OUTBOX_FOR_PAGES
    return OUTBOX_FOR_FEEDS if area_of(name) == "open_data" else OUTBOX


def test_messages_know_sessions_only_by_what_may_be_said():
    wrong = [
        f"{name} imports {wanted}"
        for name, wanted in ours()
        if area_of(name) == "messages" and area_of(wanted) in ("places", "programmes")
    ]
    assert not wrong


def test_pages_are_imported_by_the_application_alone():
    wrong = [
        f"{name} imports {wanted}"
        for name, wanted in ours()
        if is_page(wanted) and name != "booking.app" and not (is_page(name) and area_of(name) == area_of(wanted))
    ]
    assert not wrong


def test_nothing_imports_jobs_but_what_starts_them():
    wrong = [
        f"{name} imports {wanted}"
        for name, wanted in ours()
        if wanted.startswith("jobs") and not name.startswith("jobs")
    ]
    assert {line.split(" imports ")[0] for line in wrong} <= {"booking.app", "booking.cli"}


def test_nothing_imports_the_feeds_and_the_reports():
    """But what joins the routes, and the demo, which makes a row of everything."""
    wrong = [
        f"{name} imports {wanted}"
        for name, wanted in ours()
        if area_of(wanted) in ("open_data", "reports") and area_of(wanted) != area_of(name) and name != "booking.app"
        and not name.startswith("booking.demo.")
    ]  # fmt: skip
    assert not wrong


def test_models_import_no_other_area():
    allowed = {"booking.db"}
    wrong = [
        f"{name} imports {wanted}" for name, wanted in ours() if name.endswith(".models") and wanted not in allowed
    ]
    assert not wrong


def test_what_every_area_stands_on_knows_no_area():
    wrong = [
        f"{name} imports {wanted}"
        for name, wanted in ours()
        if area_of(wanted) and not area_of(name) and name.count(".") == 1 and name.startswith("booking.")
        and name not in BUILDERS and wanted not in KNOWS_WHO_ASKS.get(name, set())
    ]  # fmt: skip
    assert not wrong


def test_the_demo_is_known_to_the_command_line_alone():
    wrong = {
        name for name, wanted in ours() if wanted.startswith("booking.demo") and not name.startswith("booking.demo")
    }
    assert wrong <= {"booking.cli"}


def test_there_are_no_import_cycles():
    """Imports inside functions count too: none is there to dodge a cycle."""
    graph = defaultdict(set)
    for name, wanted in ours():
        if wanted != name and not name.startswith(wanted + "."):
            graph[name].add(wanted)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_an_import_inside_a_function_says_why():
    """Only for what is heavy and seldom needed; each such line, or the one above, has its reason in a comment."""
    for name, all_ in imports().items():
        lazy = [wanted for wanted, is_inside in all_ if is_inside]
        heavy = (
            "uvicorn",
            "httpx",
            "highspy",
            "jobs",
            "booking.messages.sms",
            "booking.messages.notify",
            "booking.app",
            "booking.web",
        )
        assert all(wanted.startswith(heavy) for wanted in lazy), f"{name}: {lazy}"


@pytest.mark.parametrize("package", sorted(DOORS))
def test_an_outside_package_has_one_door(package):
    using = {name for name, all_ in imports().items() for wanted, _ in all_ if wanted.split(".")[0] == package}
    assert using <= DOORS[package]


def test_a_new_outside_package_gets_a_door():
    known = set(DOORS) | {"starlette", "tortoise", "jinja2", "markupsafe"}
    used = {wanted.split(".")[0] for all_ in imports().values() for wanted, _ in all_}
    assert used - known - set(sys.stdlib_module_names) - {"booking", "jobs"} == set()


def test_requests_and_responses_are_for_pages():
    """Verbs, rules and queries know nothing of the web."""
    allowed = {
        f"booking.{name}"
        for name in ("app", "assets", "guarding", "health", "remembering", "sections", "web", "who_asks")
    }
    wrong = {
        name
        for name, all_ in imports().items()
        for wanted, _ in all_
        if wanted.split(".")[0] == "starlette" and not is_page(name) and name not in allowed
    }
    assert not wrong


def test_rooms_are_taken_and_given_back_through_one_door():
    """Nothing but places/holding.py writes room_hold (promise P1); its table is named in models, and in guards."""
    writes = re.compile(r"INSERT INTO room_hold|DELETE FROM room_hold|UPDATE room_hold|\bRoomHold\b")
    allowed = {"booking.places.holding", "booking.places.models", "booking.guards"}
    wrong = [
        name
        for name, file in modules().items()
        if "migrations" not in file.parts and name not in allowed and writes.search(file.read_text("utf-8"))
    ]
    assert not wrong


CLOCK = re.compile(
    r"datetime\.(now|utcnow|today)\(|date\.today\(|\btime\.(time|time_ns|localtime|gmtime)\(|fromtimestamp\("
)


def test_only_the_clock_reads_the_clock():
    wrong = [
        name for name, file in modules().items() if CLOCK.search(file.read_text("utf-8")) and name != "booking.clock"
    ]
    assert not wrong


def _as_read(part: ast.expr) -> str:
    """Constants of a module (UPPER CASE) and `kind`, a key of one, as if they stood there; anything else as {}."""
    if isinstance(part, ast.Constant):
        return str(part.value)
    name = part.value.id if isinstance(part, ast.FormattedValue) and isinstance(part.value, ast.Name) else ""
    return name if name.isupper() or name == "kind" else "{}"


def test_sql_is_never_built_from_what_somebody_typed():
    """Values go in as $1..$n; what f-strings put into SQL are names and conditions of ours."""
    for name, file in modules().items():
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                text = "".join(_as_read(part) for part in node.values)
                if re.search(r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM)\b", text):
                    assert not re.search(r"(?<!')'\{\}", text), f"{name}: a value inside quotes in {text[:80]}"


def test_only_the_clock_and_the_database_keep_their_own_state():
    """Two processes must agree: nothing that one remembers may be needed by another. (Caches that may be lost are fine.)"""
    allowed = {
        "booking.clock",
        "booking.messages.sender",
        "booking.messages.hours",
        "booking.programmes.waiting.offer_times",
    }
    wrong = [name for name, file in modules().items() if re.search(r"^\s+global ", file.read_text("utf-8"), re.M)]
    assert set(wrong) <= allowed


def test_names_say_what_things_are():
    vague = {"utils", "util", "helpers", "helper", "misc", "common", "manager", "handlers", "services", "service"}
    assert not [name for name in modules() if name.split(".")[-1] in vague]


def test_every_module_of_ours_says_what_it_is_for():
    silent = [
        name
        for name, file in modules().items()
        if file.name not in ("__init__.py", "__main__.py")
        and "migrations" not in file.parts
        and not ast.get_docstring(ast.parse(file.read_text("utf-8")))
    ]
    assert not silent


def test_the_web_process_carries_no_sms_client():
    """Twilio weighs 20 MB and half a second; only a worker with an SMS to send loads it."""
    import subprocess

    code = "import booking.app, sys; print([m for m in ('twilio', 'notifications_python_client', 'requests', 'httpx', 'pytest') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_module_can_be_imported_by_itself():
    for name in modules():
        if name != "booking.__main__":
            importlib.import_module(name)

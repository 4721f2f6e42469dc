"""booking serve | worker | migrate | import | staff | check | routes"""

import argparse
import asyncio
import json
import secrets
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from booking import checking, clock, db, importing_command, logs, migrating, settings
from booking.demo import county
from booking.messages import sender
from booking.people import signing_in, staffing
from booking.people.models import Instance
from booking.places.models import Location
from booking.problems import Refused
from booking.words import count_words

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Stop(Exception):
    """The command cannot go on; one line for the operator."""


def main(arguments: list[str] | None = None) -> int:
    """Runs one command and returns its exit code; whatever stops it is said in one line on stderr."""
    options = _parser().parse_args(arguments)
    try:
        return options.command(options) or 0
    except (Stop, settings.BrokenSettings, db.DatabaseTrouble) as trouble:
        print(f"booking: {trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="booking", description="Sessions, rooms and reminders for family hubs.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, act: Callable[[argparse.Namespace], int | None], words: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=words, description=words)
        sub.set_defaults(command=act)
        sub.add_argument("--data", type=Path, metavar="DIR", help="folder for the SQLite database")
        return sub

    serve_options = command("serve", serve, "Serve the site, with the demo county in a new database.")
    serve_options.add_argument("--port", type=int, help="port to listen on (settings: server.port)")
    serve_options.add_argument("--empty", action="store_true", help="a county without demo rows")
    command("worker", worker, "Run the jobs: send messages, queue reminders, tidy up.")
    command("migrate", migrate, "Bring the database to today's tables. Safe to run twice, and from two places at once.")
    import_options = command(
        "import", import_files, "Import places, programmes, timetables, terms and postcodes (CSV)."
    )
    import_options.add_argument("files", nargs="+", type=Path, metavar="FILE")
    import_options.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
    import_options.add_argument("--good-rows", action="store_true", help="import the rows without problems")
    import_options.add_argument(
        "--overwrite-staff-changes", action="store_true", help="also what staff changed of places and rooms since"
    )
    staff_options = command("staff", staff, "Let somebody sign in as staff, or no longer.")
    staff_options.add_argument("email")
    staff_options.add_argument("--name", default="", help="needed for somebody new")
    staff_options.add_argument("--role", default="county_admin", choices=signing_in.STAFF_KINDS)
    staff_options.add_argument("--hub", default="", metavar="CODE", help="the hub's building code, for roles at a hub")
    staff_options.add_argument(
        "--code", action="store_true", help="print a code to sign in with, where no mail is sent yet"
    )
    staff_options.add_argument(
        "--phone", default="", help="the mobile of somebody who has a role; tests of texts go there"
    )
    staff_options.add_argument("--remove", action="store_true", help="take every role away and sign them out")
    command("check", check, "Say what is wrong with this installation.")
    command("routes", routes, "List every page with who may see it.").add_argument("--json", action="store_true")
    return parser


def load(options: argparse.Namespace) -> settings.Settings:
    """The settings with --data and --port taken in; the public address follows the port while it is this machine's."""
    loaded = settings.load()
    if options.data:
        loaded = loaded.with_("database", url=f"sqlite://{options.data.resolve()}/booking.sqlite3")
    if getattr(options, "port", None) is not None:
        if not 0 < options.port < 65536:
            raise Stop(f"{options.port} is not a port; use one from 1 to 65535.")
        loaded = loaded.with_("server", port=options.port)
    base = urlsplit(loaded.site.base_url)
    if base.hostname in LOOPBACK and base.scheme == "http":
        loaded = loaded.with_("site", base_url=f"http://{base.hostname}:{loaded.server.port}")
    clock.use_zone(loaded.site.time_zone)
    return loaded


def serve(options: argparse.Namespace) -> None:
    loaded = load(options)
    _refuse_taken_port(loaded)
    loaded = asyncio.run(_prepare(loaded, is_empty=options.empty))
    import uvicorn  # the server is needed by this command alone

    from booking.app import create_app

    print(_where_to_go(loaded), flush=True)
    logs.set_up(loaded)
    uvicorn.run(
        create_app(loaded),
        host=loaded.server.host,
        port=loaded.server.port,
        proxy_headers=True,
        forwarded_allow_ips=loaded.server.trusted_proxies,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )


def _refuse_taken_port(loaded: settings.Settings) -> None:
    with socket.socket(socket.AF_INET6 if ":" in loaded.server.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((loaded.server.host, loaded.server.port))
        except OSError as error:
            reason = "is taken" if error.errno == 98 else f"cannot be used ({error.strerror})"
            raise Stop(f"port {loaded.server.port} {reason}. Choose another with --port.") from error


async def _prepare(loaded: settings.Settings, *, is_empty: bool) -> settings.Settings:
    """Tables, the demo county where it belongs, and the key that cookies are signed with."""
    await migrating.migrate(loaded.database)
    await db.open_database(loaded.database)
    try:
        is_demo = await _load_demo(loaded, is_empty=is_empty)
        return replace(loaded, is_demo=is_demo, secrets=replace(loaded.secrets, secret_key=await _secret_key(loaded)))
    finally:
        await db.close_database()


async def _load_demo(loaded: settings.Settings, *, is_empty: bool) -> bool:
    """Whether this is the demo. It is loaded only into a database without places, on this machine's own address, and
    made anew when the week has turned, so that today is always in the second week of its term."""
    was_demo = await Instance.get_or_none(key="demo_week")
    is_public = urlsplit(loaded.site.base_url).hostname not in LOOPBACK
    if was_demo and (is_empty or is_public):
        raise Stop("this database holds the demo county, which is made anew every week; use another (--data DIR).")
    week = county.week_of(clock.today())
    if was_demo is None:
        if is_empty or is_public or await Location.exists():
            return False
    elif was_demo.value == week:
        return True
    sender.use(loaded)  # the demo's partners are told of their rooms
    await county.load(clock.today(), progress=_progress, fresh=was_demo is not None)
    await Instance.update_or_create({"value": week}, key="demo_week")
    print("\r" + " " * 70 + "\r", end="", file=sys.stderr)
    return True


def _progress(done: int, total: int, words: str) -> None:
    share = int(20 * done / total) if total else 0
    print(f"\rDemo county [{'#' * share}{'.' * (20 - share)}] {words[:40]:<40}", end="", file=sys.stderr, flush=True)


async def _secret_key(loaded: settings.Settings) -> str:
    """BOOKING_SECRET_KEY; on a public address it must be given, on this machine one is made and kept."""
    if loaded.secrets.secret_key:
        return loaded.secrets.secret_key
    if urlsplit(loaded.site.base_url).hostname not in LOOPBACK:
        raise Stop("BOOKING_SECRET_KEY is missing from the environment; a public site needs one (32 random letters).")
    kept, _ = await Instance.get_or_create({"value": secrets.token_urlsafe(32)}, key="secret_key")
    return kept.value


def _where_to_go(loaded: settings.Settings) -> str:
    base = loaded.site.base_url
    lines = [f"{loaded.site.name} on {base}", f"  parents and carers  {base}/"]
    lines.append(f"  partners            {base}/partners")
    lines.append(f"  staff               {base}/staff")
    if loaded.is_demo:
        lines += [f"                      {words}" for words in county.how_to_sign_in(base)]
    if not (loaded.sends_sms and loaded.sends_mail):
        missing = " and ".join(
            words for words, sends in (("SMS", loaded.sends_sms), ("mail", loaded.sends_mail)) if not sends
        )
        lines.append(f"No {missing} is sent: nothing is set up for it. Messages stay readable on {base}/outbox")
    if not loaded.is_demo:
        lines.append(
            "The first administrator: bin/booking staff ADDRESS --name NAME, and --code where no mail is sent yet."
        )
    return "\n".join([*lines, "Stop with Ctrl-C."])


def worker(options: argparse.Namespace) -> None:
    """Runs the timetable until it is told to stop."""
    from jobs.timetable import Timetable

    loaded = load(options)
    logs.set_up(loaded)

    async def run() -> None:
        await db.open_database(loaded.database)
        timetable, stop = Timetable(loaded), asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await timetable.start()
        print("The worker runs. Stop with Ctrl-C.", flush=True)
        await stop.wait()
        await timetable.stop()
        await db.close_database()

    asyncio.run(run())


def migrate(options: argparse.Namespace) -> None:
    applied = asyncio.run(migrating.migrate(load(options).database))
    print("Applied: " + ", ".join(applied) if applied else "The database is up to date.")


def import_files(options: argparse.Namespace) -> int:
    loaded = load(options)
    return _with_database(loaded, lambda: importing_command.run(options))


def staff(options: argparse.Namespace) -> int:
    loaded = load(options)
    return _with_database(loaded, lambda: _staff(options, loaded.sign_in))


async def _staff(options: argparse.Namespace, rules: settings.SignIn) -> int:
    try:
        if options.code:
            code = await staffing.code_for(email=options.email, rules=rules)
            print(
                f"{code} works for {rules.code_minutes} minutes. Ask for a code at /staff/sign-in first, then type this one."
            )
            return 0
        if options.phone:
            person = await staffing.give_phone(email=options.email, phone=options.phone)
            print(f"Texts to {person.name} go to {person.phone}.")
            return 0
        if options.remove:
            taken = await staffing.take_roles(email=options.email)
            print(f"{options.email} had {count_words(taken, 'role')} and has none now.")
            return 0
        hub = await Location.get_or_none(code=options.hub) if options.hub else None
        if options.hub and hub is None:
            raise Stop(f"there is no place with the code {options.hub}.")
        hub_id = hub.hub_id if hub else None
        person = await staffing.give_role(email=options.email, name=options.name, kind=options.role, hub_id=hub_id)
    except Refused as refused:
        raise Stop(" ".join(problem.words for problem in refused.problems)) from refused
    print(f"{person.name} ({person.email}) may sign in at /staff as {options.role.replace('_', ' ')}.")
    return 0


def check(options: argparse.Namespace) -> int:
    findings = asyncio.run(checking.check(load(options)))
    for finding in findings:
        print(finding)
    return 1 if any(finding.is_wrong for finding in findings) else 0


def routes(options: argparse.Namespace) -> None:
    from booking.app import route_list
    from booking.web import AUDIENCES

    found = route_list()
    if options.json:
        print(json.dumps(found, indent=1))
        return
    for route in found:
        print(f"{','.join(route['methods']):<10} {route['path']:<44} {AUDIENCES[route['audience']]}")


def _with_database(loaded: settings.Settings, act: Callable[[], Awaitable[int]]) -> int:
    async def run() -> int:
        await migrating.migrate(loaded.database)
        await db.open_database(loaded.database)
        try:
            return await act()
        finally:
            await db.close_database()

    return asyncio.run(run())

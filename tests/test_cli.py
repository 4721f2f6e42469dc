"""The commands: what stops one is said in one line on stderr, with an exit code that is not 0."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from booking import cli
from booking.app import route_list
from booking.people.models import Instance
from booking.settings import ROOT
from booking.web import AUDIENCES
from tests.conftest import SERVER

pytestmark = pytest.mark.skipif(
    SERVER != "sqlite", reason="commands are the same on every engine; migrating has its own tests"
)


def booking(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    own = {name: text for name, text in os.environ.items() if not name.startswith("BOOKING_")}
    return subprocess.run(
        [sys.executable, "-m", "booking", *arguments],
        cwd=ROOT,
        env=own | environment,
        capture_output=True,
        text=True,
        timeout=50,
    )


def stopped(capfd, *arguments: str) -> str:
    """Runs a command in this process; its one line on stderr."""
    code = cli.main(list(arguments))
    said = capfd.readouterr()
    assert code not in (0, None)
    assert said.out == "" and said.err.count("\n") == 1 and "Traceback" not in said.err
    return said.err


def process_stopped(*arguments: str, **environment: str) -> str:
    """Like `stopped`, in a process of its own: for what opens a database."""
    done = booking(*arguments, **environment)
    assert done.returncode != 0 and done.stdout == ""
    assert done.stderr.count("\n") == 1 and "Traceback" not in done.stderr
    return done.stderr


@pytest.fixture
def taken_port():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        yield held.getsockname()[1]


def test_a_taken_port(capfd, taken_port, tmp_path):
    said = stopped(capfd, "serve", "--port", str(taken_port), "--data", str(tmp_path))
    assert said == f"booking: port {taken_port} is taken. Choose another with --port.\n"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("port", ["0", "70000", "-1"])
def test_a_port_that_is_none(capfd, port):
    assert "is not a port" in stopped(capfd, "serve", "--port", port)


@pytest.mark.parametrize("folder", ["/dev/null/x", "/proc/nowhere"])
@pytest.mark.parametrize("command", [("migrate",), ("serve", "--port", "1"), ("serve", "--port", "18999")])
def test_a_folder_that_cannot_be_written(capfd, folder, command):
    said = stopped(capfd, *command, "--data", folder)
    assert said.startswith("booking: ") and ("cannot be written" in said or "port 1 " in said)


def test_a_file_that_is_no_database(tmp_path):
    (tmp_path / "booking.sqlite3").write_text("This is a letter, and no database at all. " * 100)
    said = process_stopped("migrate", "--data", str(tmp_path))
    assert "cannot be used" in said and "not a database" in said


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"BOOKING_SITE_TIME_ZONE": "Nowhere/At"}, "time_zone"),
        ({"BOOKING_SERVER_PORT": "99999"}, "server.port"),
        ({"BOOKING_SITE_BASE_URL": "http://["}, "base_url"),
        ({"BOOKING_DATABASE_URL": "mysql://x/y"}, "sqlite:// or postgres://"),
        ({"BOOKING_DATABASE_URL": "postgres://h:abc/y"}, "database"),
        ({"BOOKING_MESSAGES_MAIL_SECURITY": "ssl"}, "mail_security"),
        ({"BOOKING_SETTINGS": "/nowhere.toml"}, "cannot be read"),
        ({"BOOKING_NONSENSE": "1"}, "names no setting"),
    ],
)
@pytest.mark.parametrize("command", ["serve", "migrate", "worker"])
def test_settings_that_cannot_be_used(capfd, monkeypatch, environment, words, command):
    monkeypatch.delenv("BOOKING_TEST_DATABASE", raising=False)
    for name, text in environment.items():
        monkeypatch.setenv(name, text)
    said = stopped(capfd, command)
    assert words in said and "hidden" not in said


def test_a_broken_settings_file_as_the_operator_sees_it(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text("[site\nname = 3")
    done = booking("serve", BOOKING_SETTINGS=str(own))
    assert done.returncode != 0 and done.stdout == ""
    assert done.stderr.count("\n") == 1 and str(own) in done.stderr and "TOML" in done.stderr


@pytest.mark.slow
def test_a_public_site_without_a_secret_does_not_start(tmp_path):
    said = process_stopped(
        "serve", "--port", "18998", "--data", str(tmp_path), BOOKING_SITE_BASE_URL="https://hubs.example"
    )
    assert "BOOKING_SECRET_KEY" in said


@pytest.mark.slow
def test_a_database_server_that_is_not_there():
    said = process_stopped("worker", BOOKING_DATABASE_URL="postgres://u:hidden@127.0.0.1:1/y")
    assert "cannot be used" in said and "hidden" not in said


def test_routes_as_json(capfd):
    assert cli.main(["routes", "--json"]) == 0
    listed = json.loads(capfd.readouterr().out)
    assert listed == route_list()
    assert all(
        {"path", "name", "methods", "audience"} == set(each) and each["audience"] in AUDIENCES for each in listed
    )


def test_routes_for_reading(capfd):
    assert cli.main(["routes"]) == 0
    said = capfd.readouterr().out
    assert "/sessions/{id}" in said and AUDIENCES["staff"] in said


@pytest.mark.slow
def test_check_says_what_to_do(tmp_path):
    done = booking(
        "check", "--data", str(tmp_path), BOOKING_MESSAGES_MAIL_HOST="127.0.0.1", BOOKING_MESSAGES_MAIL_PORT="1"
    )
    assert done.returncode == 1 and done.stderr == ""
    assert "booking migrate" in done.stdout and "no SMS is sent" in done.stdout
    assert "127.0.0.1:1 does not answer" in done.stdout
    assert booking("migrate", "--data", str(tmp_path)).returncode == 0
    done = booking("check", "--data", str(tmp_path))
    assert done.returncode == 0 and "no mail is sent" in done.stdout


@pytest.mark.slow
def test_check_of_a_database_that_is_not_there():
    done = booking("check", BOOKING_DATABASE_URL="postgres://u:hidden@127.0.0.1:1/y")
    assert done.returncode == 1
    assert "wrong" in done.stdout and "hidden" not in done.stdout + done.stderr


@pytest.mark.parametrize("command", [[], ["serve"], ["migrate"], ["worker"], ["import"], ["check"], ["routes"]])
def test_help(capfd, command):
    with pytest.raises(SystemExit) as ended:
        cli.main([*command, "--help"])
    assert ended.value.code == 0
    assert "usage: booking" in capfd.readouterr().out


@pytest.mark.slow
def test_an_import_of_nothing(tmp_path):
    done = booking("import", "--data", str(tmp_path), str(tmp_path / "none.csv"))
    assert done.returncode == 2
    assert "none.csv cannot be read" in done.stderr and done.stderr.count("\n") == 1


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.slow
def test_serve_answers_and_stops_cleanly(tmp_path):
    """The real thing: a server process, its first page, its headers, and Ctrl-C."""
    port = free_port()
    own = {name: text for name, text in os.environ.items() if not name.startswith("BOOKING_")}
    server = subprocess.Popen(
        [sys.executable, "-m", "booking", "serve", "--empty", "--port", str(port), "--data", str(tmp_path)],
        cwd=ROOT, env=own, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
                    assert answer.status == 200
                    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
                    assert "server" not in {name.lower() for name in answer.headers}
                    break
            except OSError:
                assert server.poll() is None, server.communicate()
                time.sleep(0.1)
        else:
            pytest.fail("no answer in 30 seconds")
        request = urllib.request.Request(f"http://127.0.0.1:{port}/outbox", headers={"X-Forwarded-For": "203.0.113.5"})
        with urllib.request.urlopen(request) as answer:
            assert answer.url.endswith("/staff/sign-in?next=/outbox")
    finally:
        server.send_signal(signal.SIGINT)
        out, err = server.communicate(timeout=30)
    assert server.returncode == 0, err
    assert "Traceback" not in err and "parents and carers" in out


async def test_a_demo_is_never_served_to_the_public(database, configured):
    await Instance.create(key="demo_week", value="2026-W47")
    public = configured.with_("site", base_url="https://hubs.example")
    with pytest.raises(cli.Stop, match="made anew every week"):
        await cli._load_demo(public, is_empty=False)

"""What operators see: each job with its last and next run, failures counted until it goes well, health, and logs without people."""

import json
import logging
from datetime import timedelta

import pytest

from booking import clock, db, logs
from booking.logs import Json, without_people
from booking.messages import pacing
from booking.reports import job_lists
from jobs import ticks
from jobs.timetable import jobs, rhythm
from tests import make
from tests.staff import rows


async def ran(name="deliver messages", error="", result="3 sent", next_in=timedelta(seconds=2)):
    began = clock.now() - timedelta(seconds=1)
    await ticks.write_down(
        name, began, result, error, worker="hub:1", next_run_at=clock.now() + next_in, every="every 2 seconds"
    )


async def test_failures_are_counted_until_it_goes_well_again(database):
    for error in ("Timeout", "Timeout"):
        await ran(error=error, result="")
    assert (await job_lists.jobs())[0]["failures"] == 2
    await ran()
    [line] = await job_lists.jobs()
    assert (line["failures"], line["last_error"], line["failed_today"], line["ran_today"]) == (0, "", 2, 3)


async def test_a_run_that_did_nothing_leaves_no_line(database):
    await ran(result="")
    assert await job_lists.runs("deliver messages") == []


async def test_runs_are_forgotten_after_a_week(database, time_machine):
    await ran()
    time_machine.move_to(clock.now() + timedelta(days=8))
    await ran()
    assert await ticks.forget_old() == 1
    assert len(await job_lists.runs("deliver messages")) == 1


def test_each_job_says_how_often_it_runs(configured):
    said = {line.name: rhythm(line.when) for line in jobs(configured)}
    assert said["deliver messages"] == "every 2 seconds" and said["remind partners"] == "every minute"
    assert said["tidy"] == "each hour at :17" and said["reconcile counters"] == "daily at 03:40"
    assert said["warn of numbers"] == "at :35 of the hours 8-18" and said["fill bank holidays"] == "every 24 hours"


async def test_health_names_a_job_that_should_have_run_and_did_not(client):
    await ran(next_in=-timedelta(minutes=6))
    await ran("tidy")
    answer = (await client.get("/health")).json()
    assert answer["worker"]["late_jobs"] == ["deliver messages"] and answer["status"] == "ok"


async def test_health_fails_when_messages_wait_that_nobody_takes(client, app):
    app.state.settings = app.state.settings.with_("messages", mail_host="mail.example")
    await ran()
    await rows.message(channel="email", state="queued", next_try_at=clock.now() - timedelta(minutes=11))
    answer = await client.get("/health")
    assert answer.status_code == 503 and answer.json()["outbox"] == {"waiting": 1, "due": 1, "stuck": 1}
    await db.execute("UPDATE message SET channel = 'call'")
    assert (await client.get("/health")).json()["outbox"]["waiting"] == 0


async def test_health_names_the_limits_of_texts_that_are_nearly_used_up(client, app):
    app.state.settings = app.state.settings.with_("messages", sms_an_hour=10, sms_a_day=100)
    await ran()
    assert (await client.get("/health")).json()["limits"] == []
    await pacing.take(app.state.settings.with_("messages", sms_a_minute=3000).messages, 8)
    answer = await client.get("/health")
    assert answer.json()["limits"] == [{"window": "hour", "used": 8, "limit": 10}] and answer.status_code == 200


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sent to +447700900123", "sent to (number)"),
        ("sent to 07700 900 123 today", "sent to (number) today"),
        ("jo.smith@home.example refused", "(mail) refused"),
        ("GET /m/h7Kq2mXw9TfA_bQ4.x7k2p9 500", "GET /m/... 500"),
        ("GET /duties/ask/h7Kq2mXw9TfA_bQ4?x=1 500", "GET /duties/ask/...?x=1 500"),
        ("key text_read:+447700900123:2027-01-12 is there", "key text_read:(number):2027-01-12 is there"),
        ("phone:07700900123", "phone:(number)"),
        ("Traceback\\n07700 900123", "Traceback\\n(number)"),
        ("447700900123.", "(number)."),
        ("job 01a2027a-4800-76a5-b9b3-fa59b42011ab done", "job 01a2027a-4800-76a5-b9b3-fa59b42011ab done"),
        ("boom\nDETAIL:  Failing row contains (Jo, 12).\nat", "boom\nDETAIL:  (row)\nat"),
        ("took 1234 ms at 2027-01-12 10:00:00", "took 1234 ms at 2027-01-12 10:00:00"),
    ],
)
def test_a_log_line_says_nothing_of_people(text, expected):
    assert without_people(text) == expected


def test_json_lines_hold_their_facts_and_the_trouble_without_people():
    record = logging.LogRecord("jobs", logging.ERROR, "", 0, "job %s failed", ("deliver",), None)
    record.job = "deliver"
    try:
        raise RuntimeError("jo@home.example")
    except RuntimeError as trouble:
        record.exc_info = (type(trouble), trouble, trouble.__traceback__)
    line = json.loads(Json("%(levelname)s %(message)s", rename_fields={"levelname": "level"}).format(record))
    assert (line["level"], line["message"], line["job"]) == ("ERROR", "job deliver failed", "deliver")
    assert "RuntimeError: (mail)" in line["exc_info"]


async def test_requests_are_logged_by_their_pattern(client, caplog):
    booking = await make.booking()
    with caplog.at_level(logging.INFO, "booking.requests"):
        await client.get(f"/m/{booking.manage_token}")
    [record] = [each for each in caplog.records if each.name == "booking.requests"]
    assert (record.method, record.route, record.status) == ("GET", "/m/{token}", 200)
    assert booking.manage_token not in json.dumps(record.__dict__, default=str)


def test_logs_are_text_from_warnings_on_unless_json_is_asked_for(configured, monkeypatch):
    kept = logging.getLogger().handlers[:]
    try:
        logs.set_up(configured)
        assert not logging.getLogger("booking.requests").isEnabledFor(logging.INFO)
        logs.set_up(configured.with_("server", log_format="json"))
        assert logging.getLogger("booking.requests").isEnabledFor(logging.INFO)
        assert isinstance(logging.getLogger().handlers[0].formatter, Json)
    finally:
        logging.getLogger().handlers[:] = kept
        for name in ("booking.requests", "jobs"):
            logging.getLogger(name).setLevel(logging.NOTSET)

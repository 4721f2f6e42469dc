"""Public pages from memory: the same bytes for everybody, for a second."""

import httpx
import pytest

from booking import remembering
from booking.app import create_app
from booking.remembering import Remembered
from tests import make


@pytest.fixture
def passing(monkeypatch):
    """A clock that passes only when told to."""

    class Clock:
        now = 1000.0

        def monotonic(self) -> float:
            return self.now

    clock = Clock()
    monkeypatch.setattr(remembering, "time", clock)
    return clock


def test_a_value_is_good_for_its_seconds(passing):
    kept = Remembered(1)
    kept.keep("a", "old")
    passing.now += 0.9
    assert kept.get("a") == "old"


def test_one_makes_it_anew_while_others_get_the_old_one(passing):
    kept = Remembered(1)
    kept.keep("a", "old")
    passing.now += 1.1
    assert kept.get("a") is None
    assert kept.get("a") == "old"
    kept.keep("a", "new")
    assert kept.get("a") == "new"


def test_nobody_gets_what_is_long_over(passing):
    kept = Remembered(1)
    kept.keep("a", "old")
    passing.now += 10
    assert kept.get("a") is None
    assert kept.get("a") is None


def test_what_could_not_be_made_anew_is_gone(passing):
    """A session that is not public any more: the one who asks gets 404, and the others must not get the old page for ever."""
    kept = Remembered(1)
    kept.keep("a", "old")
    passing.now += 1.1
    assert kept.get("a") is None
    assert kept.get("a") == "old"
    passing.now += 2.1
    assert kept.get("a") is None
    assert kept.get("a") is None


def test_what_is_forgotten_is_made_anew_by_the_next(passing):
    kept = Remembered(60)
    kept.keep("a", "old")
    kept.forget()
    assert kept.get("a") is None


def test_it_never_grows_beyond_its_limit(monkeypatch):
    monkeypatch.setattr(remembering, "MOST", 3)
    kept = Remembered(60)
    for n in range(9):
        kept.keep(n, n)
    assert [kept.get(n) for n in range(9)] == [None] * 6 + [6, 7, 8]


@pytest.fixture
async def browser(configured, database):
    app = create_app(configured.with_("server", public_page_seconds=60))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1:8000") as browser:
        browser.app = app
        yield browser


async def test_the_second_visitor_gets_the_page_from_memory(browser):
    first = await browser.get("/")
    await make.session()
    second = await browser.get("/")
    assert second.text == first.text
    assert second.headers["Content-Security-Policy"] and "set-cookie" not in second.headers


async def test_an_unchanged_page_is_not_sent_again(browser):
    first = await browser.get("/")
    again = await browser.get("/", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_a_reader_without_gzip_gets_the_same_words(browser):
    packed, plain = await browser.get("/"), await browser.get("/", headers={"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain.headers
    assert packed.text == plain.text


async def test_htmx_gets_its_block_and_not_the_page(browser):
    await browser.get("/")
    block = await browser.get("/", headers={"HX-Request": "true"})
    assert "<html" not in block.text
    assert "<html" in (await browser.get("/")).text


async def test_a_page_that_is_not_there_is_not_remembered(browser):
    address = f"/sessions/{(await make.run()).id}"
    assert (await browser.get(address)).status_code == 404
    assert not browser.app.state.pages.get(("/", b"", False))


async def test_an_address_that_is_not_trusted_gets_nothing_from_memory(browser):
    await browser.get("/")
    assert (await browser.get("/", headers={"Host": "evil.example"})).status_code == 400

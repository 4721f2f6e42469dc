"""One server and one browser for the whole run; every test has a profile of its own in it."""

import os
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest
from playwright.async_api import Browser, async_playwright, expect

from tests.browser.the_site import Site, serving
from tests.browser.visitor import DESKTOP, Visitor

ARGUMENTS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
    "--lang=en-GB",
]
BRITISH: dict[str, str | float] = {
    **os.environ,
    "LANGUAGE": "en_GB",
    "LANG": "en_GB.UTF-8",
}  # how date fields are written
Open = Callable[..., Awaitable[Visitor]]
expect.set_options(timeout=15_000)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Marks the browser tests; BOOKING_BROWSER_PART, 1 or 2, leaves out every other file of them, so that two runs share them."""
    ours = [item for item in items if "tests/browser/" in str(item.path)]
    for item in ours:
        item.add_marker(pytest.mark.browser)
    if (part := os.environ.get("BOOKING_BROWSER_PART", "all")) != "all":
        files = sorted({item.path for item in ours})
        left_out = [item for item in ours if files.index(item.path) % 2 != int(part) - 1]
        items[:] = [item for item in items if item not in set(left_out)]
        config.hook.pytest_deselected(items=left_out)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("site")) as running:
        # a whole run books more hours than a partner may in a term, and would then only ask for them
        running.rows("UPDATE organisation SET minutes_per_term = 60000 WHERE minutes_per_term IS NOT NULL")
        yield running


@pytest.fixture(scope="session")
async def browser(anyio_backend: str) -> AsyncIterator[Browser]:
    chromium = os.environ.get("BOOKING_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS, env=BRITISH)
        yield running
        await running.close()


@pytest.fixture
async def visit(site: Site, browser: Browser, tmp_path) -> AsyncIterator[Open]:
    """visit(size=PHONE, scripts=True) opens a browser profile; at the end none may have had anything to complain of."""
    visitors: list[Visitor] = []

    async def open_profile(size: tuple[int, int] = DESKTOP, *, scripts: bool = True, state=None) -> Visitor:
        context = await browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            java_script_enabled=scripts,
            storage_state=state,
            locale="en-GB",
            timezone_id="Europe/London",
        )
        context.set_default_timeout(15_000)
        visitors.append(Visitor(site, context, await context.new_page(), tmp_path, scripts).watch())
        return visitors[-1]

    yield open_profile
    for visitor in visitors:
        await visitor.context.close()
    assert [trouble for visitor in visitors for trouble in visitor.troubles] == []


@pytest.fixture(scope="session")
def staff_state() -> dict:
    """Signed-in cookies by e-mail address: each member of staff, and each booker of a partner, signs in once a run."""
    return {}


@pytest.fixture
async def staff(visit: Open, site: Site, staff_state: dict) -> Open:
    """staff("tom@ferndown.example", size) opens a profile that is signed in as this member of staff."""

    async def open_as(email: str = "tom@ferndown.example", size: tuple[int, int] = DESKTOP, **options) -> Visitor:
        if email not in staff_state:
            visitor = await visit(size)
            await sign_in_as(visitor, email)
            staff_state[email] = await visitor.context.storage_state()
        return await visit(size, state=staff_state[email], **options)

    return open_as


@pytest.fixture
async def partner(visit: Open, staff_state: dict) -> Open:
    """partner("grace@toylibrary.example", size) opens a profile that is signed in as this booker of a partner."""

    async def open_as(email: str = "grace@toylibrary.example", size: tuple[int, int] = DESKTOP, **options) -> Visitor:
        if email not in staff_state:
            visitor = await visit(size)
            await _sign_in(visitor, "/partner/statement", email)
            await visitor.heading("Statement for")
            staff_state[email] = await visitor.context.storage_state()
        return await visit(size, state=staff_state[email], **options)

    return open_as


async def sign_in_as(visitor: Visitor, email: str) -> None:
    """With the code that stands on the outbox page of the demo."""
    await _sign_in(visitor, "/staff/sign-in", email)
    await visitor.heading("Today")


async def _sign_in(visitor: Visitor, path: str, email: str) -> None:
    visitor.site.forget_tries()
    await visitor.go(path)
    await visitor.fill("Your work email address", email)
    await visitor.click("Send me a code")
    await visitor.heading("Enter your code")
    await visitor.fill("Code", visitor.site.newest_code(email))
    await visitor.click("Sign in")
    await expect(visitor.page).not_to_have_url(re.compile("sign-in"))

"""Somebody at a browser: goes, clicks, types and looks; and whatever the browser complained of meanwhile."""

import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import BrowserContext, Locator, Page, Response, expect

from tests.browser.the_site import Site

PHONE, DESKTOP, NARROW = (390, 844), (1280, 900), (320, 640)
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
EXPECTED = re.compile(r"Failed to load resource: the server responded with a status of (4\d\d)")
Role = Literal["button", "link"]
PICTURES = os.environ.get("SCREENSHOTS_TO", "")


@dataclass
class Visitor:
    """One browser profile with one page. `troubles` are console errors, policy violations, scripts that broke, 5xx."""

    site: Site
    context: BrowserContext
    page: Page
    pictures: Path
    scripts: bool = True
    troubles: list[str] = field(default_factory=list)

    def watch(self) -> "Visitor":
        self.page.on("console", lambda said: self._console(said.type, said.text))
        self.page.on("pageerror", lambda error: self.troubles.append(f"script: {error}"))
        self.page.on("response", self._response)
        return self

    def _console(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and not EXPECTED.match(text):
            self.troubles.append(f"console: {text} ({self.page.url})")

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self.troubles.append(f"{response.status} for {response.url}")

    async def go(self, path: str) -> Response | None:
        return await self.page.goto(path if path.startswith("http") else self.site.url + path)

    async def click(self, name: str, role: Role = "button", *, exact: bool = False) -> None:
        await self.page.get_by_role(role, name=name, exact=exact).first.click()

    async def fill(self, label: str, text: str) -> None:
        await self.page.get_by_label(label, exact=False).first.fill(text)

    async def sees(self, text: str) -> None:
        await expect(self.page.get_by_text(text).first).to_be_visible()

    async def heading(self, text: str) -> None:
        await expect(self.page.get_by_role("heading", level=1)).to_contain_text(text)

    def main(self) -> Locator:
        return self.page.locator("main")

    async def width(self, width: int, height: int) -> None:
        await self.page.set_viewport_size({"width": width, "height": height})

    async def problems_of_this_page(self, heading: str = "") -> list[str]:
        """What axe finds at phone and desktop width, and what sticks out of narrow screens; once the heading is there.

        Axe may wait for ever where scripts are off, so there it is not asked. The window ends as wide as it was.
        """
        await self.page.wait_for_load_state()
        if heading:
            await self.heading(heading)
        found, before = [], self.page.viewport_size
        for size in (NARROW, PHONE, DESKTOP):
            await self.width(*size)
            wide = await self.page.evaluate("document.documentElement.scrollWidth")
            if wide > size[0]:
                found.append(f"{wide} px wide on a screen of {size[0]}: {await self._what_sticks_out()}")
            if size != NARROW and self.scripts:
                found += [f"{line} (at {size[0]} px)" for line in await self._axe()]
        if before:
            await self.page.set_viewport_size(before)
        return found

    async def _axe(self) -> list[str]:
        result = await Axe().run(self.page, options=RULES)
        return [
            f"{each['id']}: {each['help']}: {json.dumps([node['html'][:160] for node in each['nodes'][:3]])}"
            for each in result.response["violations"]
        ]

    async def _what_sticks_out(self) -> Any:
        return await self.page.evaluate(
            "[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)"
            ".slice(-3).map(e => e.outerHTML.slice(0, 120))"
        )

    async def picture(self, name: str, *, whole: bool = False) -> None:
        """A screenshot; into docs/pictures when SCREENSHOTS_TO=docs/pictures, else into a temporary folder."""
        folder = Path(PICTURES) if PICTURES else self.pictures
        folder.mkdir(parents=True, exist_ok=True)
        await self.page.screenshot(path=folder / f"{name}.png", full_page=whole, animations="disabled")

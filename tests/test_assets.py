"""The front end's files: hashed addresses, kept for a year, compressed, and nothing else is served."""

import gzip

import pytest

from booking import assets


async def ask(path: str, method: str = "GET", **headers: str) -> tuple[int, dict[bytes, bytes], bytes]:
    sent = []

    async def send(message):
        sent.append(message)

    asked = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "root_path": "/static", "headers": asked}
    await assets.files(scope, None, send)
    return sent[0]["status"], dict(sent[0]["headers"]), sent[1]["body"]


async def test_a_file_is_kept_for_a_year():
    status, headers, body = await ask(assets.asset_url("app.css"))
    assert status == 200
    assert headers[b"cache-control"] == b"public, max-age=31536000, immutable"
    assert headers[b"content-type"] == b"text/css; charset=utf-8"
    assert int(headers[b"content-length"]) == len(body)


async def test_it_is_compressed_for_whoever_takes_gzip():
    url = assets.asset_url("app.css")
    _, headers, packed = await ask(url, accept_encoding="br, gzip")
    assert headers[b"content-encoding"] == b"gzip"
    assert gzip.decompress(packed) == (await ask(url))[2]


async def test_a_known_etag_is_not_sent_again():
    url = assets.asset_url("start.js")
    _, headers, _ = await ask(url)
    status, _, body = await ask(url, if_none_match=headers[b"etag"].decode())
    assert (status, body) == (304, b"")


async def test_head_has_the_length_and_no_body():
    status, headers, body = await ask(assets.asset_url("app.css"), method="HEAD")
    assert (status, body) == (200, b"")
    assert int(headers[b"content-length"]) > 10_000


@pytest.mark.parametrize("path", ["/static/app.css", "/static/manifest.json", "/static/../settings.toml", "/static/"])
async def test_only_built_files_are_there(path):
    assert (await ask(path))[0] == 404


async def test_nothing_can_be_sent_to_a_file():
    assert (await ask(assets.asset_url("app.css"), method="POST"))[0] == 405


def test_an_unknown_name_is_a_programmer_error():
    with pytest.raises(KeyError):
        assets.asset_url("nothing.css")


def test_every_built_file_has_a_known_type():
    assert all("." + name.rsplit(".", 1)[-1] in assets.TYPES for name in assets.manifest().values())

"""The site stops while an import runs: it waits for it."""

import asyncio

from booking import db
from booking.programmes.imports import import_jobs


async def test_stopping_waits_for_an_import_that_runs(app, configured, monkeypatch):
    order = []

    async def nothing(*_):
        pass

    async def close():
        order.append("closed")

    async def bring_in():
        await asyncio.sleep(0.05)
        order.append("imported")

    monkeypatch.setattr(db, "open_database", nothing)
    monkeypatch.setattr(db, "close_database", close)
    monkeypatch.setattr("booking.app._spare_what_stays", lambda: None)
    app.state.settings = configured.with_("jobs", embedded=False)
    async with app.router.lifespan_context(app):
        job = asyncio.create_task(bring_in())
        monkeypatch.setattr(import_jobs, "_under_way", {job})
    assert order == ["imported", "closed"]

"""Hubs, and staff who are signed in."""

from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from booking import db
from booking.people.signing_in import Who
from tests import make


def who_is(person, *, kind: str = "hub_staff", hubs=()) -> Who:
    """A member of staff as pages know them."""
    return Who(
        id=person.id, name=person.name, family_id=None, phone="", email=person.email,
        kinds=frozenset({kind}), role_hubs=frozenset(hubs), proved="",
        managed_hubs=frozenset(hubs if kind == "hub_manager" else ()),
    )  # fmt: skip


@pytest.fixture
async def hub(database):
    return await make.location(name="Ferndown Family Hub", hub_name="Ferndown Family Hub")


@pytest.fixture
async def maya(hub):
    """Staff at the hub, as verbs know her."""
    return who_is(await make.staff("hub_staff", hub.id), hubs={hub.id})


@pytest.fixture
async def desk(client, hub):
    """Maya's browser."""
    await make.sign_in_staff(client, await make.staff("hub_staff", hub.id))
    return client


@pytest.fixture
def count_queries(monkeypatch):
    """`with count_queries() as counted:` and then counted.count: plain SQL statements that pages made."""

    @contextmanager
    def counting():
        counted, plain = SimpleNamespace(count=0), db.rows

        async def rows(sql, *parameters):
            counted.count += 1
            return await plain(sql, *parameters)

        with monkeypatch.context() as patch:
            patch.setattr(db, "rows", rows)
            yield counted

    return counting

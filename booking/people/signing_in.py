"""Proving who one is: a six-digit code to a phone or mailbox, then a session that can be revoked. No passwords."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from booking import clock, db
from booking.people.models import SignedIn, SignInCode

STAFF_KINDS = ("hub_staff", "hub_manager", "county_admin")
OPENS = {"staff": (*STAFF_KINDS, "worker"), "worker": ("worker",), "partner": ("partner",), "manage": ()}
"""Which roles a session of each door is for: a session of one opens nothing behind the other, whoever has it."""
SEEN_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody signed in, and where they may act. hub_ids and managed_hub_ids are None for the whole county; role_hubs are those
    of all their roles as staff, managed_hubs those where they are manager; organisation_ids are the partners for which they
    book rooms."""

    id: UUID
    name: str
    family_id: UUID | None
    phone: str
    email: str
    proved: str
    kinds: frozenset[str]
    role_hubs: frozenset[UUID]
    organisation_ids: tuple[UUID, ...] = ()
    managed_hubs: frozenset[UUID] = frozenset()
    is_signed_in: bool = True

    @property
    def is_staff(self) -> bool:
        return bool(self.kinds & set(STAFF_KINDS))

    @property
    def is_worker(self) -> bool:
        """On the rota: they have duties of their own, whether or not they are staff who may see more."""
        return "worker" in self.kinds

    @property
    def is_manager(self) -> bool:
        """Of some hub, for what is in a menu; what they may do at one is `manages`."""
        return self.is_admin or bool(self.managed_hubs)

    @property
    def is_admin(self) -> bool:
        return "county_admin" in self.kinds

    @property
    def hub_ids(self) -> list[UUID] | None:
        return None if self.is_admin else sorted(self.role_hubs)

    @property
    def managed_hub_ids(self) -> list[UUID] | None:
        return None if self.is_admin else sorted(self.managed_hubs)

    def works_at(self, hub_id: UUID) -> bool:
        """Staff of this very hub; what is restricted there is shown to them and to nobody else (promise P5)."""
        return hub_id in self.role_hubs

    def may_act_at(self, hub_id: UUID) -> bool:
        return self.is_admin or hub_id in self.role_hubs

    def manages(self, hub_id: UUID) -> bool:
        """Whether they are manager of this very hub: whoever manages one hub may be plain staff at another."""
        return self.is_admin or hub_id in self.managed_hubs

    def as_manager(self) -> "Who":
        """The same person with no hub but those that they manage: who asks for what only managers may do."""
        return self if self.is_admin else replace(self, role_hubs=self.managed_hubs)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


async def make_code(*, address: str, purpose: str, minutes: int, tries: int) -> str:
    """A new six-digit code for an address (phone in E.164 or mail, lower case); earlier ones die. In a transaction."""
    code = f"{secrets.randbelow(1_000_000):06}"
    now = clock.now()
    await SignInCode.filter(address=address, purpose=purpose, used_at=None).update(used_at=now)
    await SignInCode.create(
        address=address,
        purpose=purpose,
        code_hash=_hash(f"{purpose}:{address}:{code}"),
        tries_left=tries,
        expires_at=now + timedelta(minutes=minutes),
        created_at=now,
    )
    return code


async def use_code(*, address: str, purpose: str, code: str) -> bool:
    """Whether the code is the right one, in time, and not used before. A wrong one costs a try; a right one works once."""
    spent = await db.row(
        "UPDATE sign_in_code SET tries_left = tries_left - 1 WHERE id = (SELECT id FROM sign_in_code WHERE address = $1"
        " AND purpose = $2 AND used_at IS NULL AND expires_at > $3 AND tries_left > 0 ORDER BY created_at DESC LIMIT 1)"
        " AND tries_left > 0 RETURNING id, code_hash",
        address,
        purpose,
        clock.now(),
    )
    digits = "".join(c for c in code if c.isdigit())
    if not spent or not hmac.compare_digest(spent["code_hash"], _hash(f"{purpose}:{address}:{digits}")):
        return False
    used = await db.row(
        "UPDATE sign_in_code SET used_at = $2 WHERE id = $1 AND used_at IS NULL RETURNING id", spent["id"], clock.now()
    )
    return used is not None


async def sign_in(*, person_id: UUID, purpose: str, proved: str = "") -> str:
    """A new session for the person; returns the token for the browser's cookie, of which only the hash is kept.

    `proved` is the phone or mail address that a code has proved, empty when a browser only booked here.
    """
    token = secrets.token_urlsafe(24)
    now = clock.now()
    await SignedIn.create(
        token_hash=_hash(token), person_id=person_id, purpose=purpose, proved=proved, created_at=now, seen_at=now
    )
    return token


async def sign_out(token: str) -> None:
    await SignedIn.filter(token_hash=_hash(token)).delete()


async def who_has(token: str, *, purpose: str, idle_hours: int) -> Who | None:
    """Who holds this session, or None when it is unknown, revoked or was idle too long."""
    now = clock.now()
    found = await db.rows(
        "SELECT s.id AS signed_in_id, s.seen_at, s.proved, p.id, p.name, p.family_id, p.phone, p.email, r.kind, r.hub_id,"
        " r.organisation_id"
        " FROM signed_in s JOIN person p ON p.id = s.person_id LEFT JOIN role r ON r.person_id = p.id"
        " WHERE s.token_hash = $1 AND s.purpose = $2 AND s.seen_at > $3",
        _hash(token),
        purpose,
        now - timedelta(hours=idle_hours),
    )
    if not found:
        return None
    first = found[0]
    if now - first["seen_at"] > SEEN_EVERY:
        await SignedIn.filter(id=first["signed_in_id"]).update(seen_at=now)
    roles = [line for line in found if line["kind"] in OPENS[purpose]]
    return Who(
        id=first["id"],
        name=first["name"],
        family_id=first["family_id"],
        phone=first["phone"],
        email=first["email"],
        proved=first["proved"],
        kinds=frozenset(line["kind"] for line in roles),
        role_hubs=frozenset(line["hub_id"] for line in roles if line["hub_id"] and line["kind"] in STAFF_KINDS),
        managed_hubs=frozenset(line["hub_id"] for line in roles if line["hub_id"] and line["kind"] == "hub_manager"),
        organisation_ids=tuple(
            sorted({line["organisation_id"] for line in roles if line["organisation_id"] and line["kind"] == "partner"})
        ),
    )

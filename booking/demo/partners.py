"""The demo county's partners: their papers, and who books for them. Nobody is real; numbers are Ofcom's for drama,
addresses end in .example."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count

from booking import clock
from booking.people.models import Organisation, Person, Role


@dataclass(frozen=True, slots=True)
class Partner:
    """agreement and insurance: when they end, in days from today. words: how it is shown to who tries the demo."""

    name: str
    kind: str
    bookers: tuple[tuple[str, str], ...]
    words: str = ""
    agreement: int = 400
    insurance: int = 300
    has_accepted: bool = True
    hours_per_term: int | None = None
    rate_pence: int | None = None
    cost_code: str = ""
    purpose: str = ""


GRACE, DAN = ("Grace Penny", "grace@toylibrary.example"), ("Dan Iqbal", "dan@advice.example")
JO = ("Jo Marsh", "jo@advice.example")
PARTNERS = (
    Partner(
        "Dorset Toy Library", "voluntary", (GRACE, ("Noor Aziz", "noor@toylibrary.example")), "Grace, Dorset Toy Library",
        hours_per_term=60, rate_pence=850, cost_code="TOY-07", purpose="Toy library",
    ),
    Partner(
        "Citizens Advice (demo)", "advice", (DAN, JO), "Dan, Citizens Advice",
        rate_pence=0, cost_code="CA", purpose="Money advice",
    ),
    Partner(
        "Health visitors (demo)", "health", (("Priya Nair", "priya@health.example"), ("Ada Cole", "ada@health.example")),
        hours_per_term=160, rate_pence=1200, cost_code="0-19/HV", purpose="Baby weighing",
    ),
    Partner(
        "Stour Counselling (demo)", "voluntary", (JO, ("Mia Frost", "mia@stour.example")), insurance=-12, hours_per_term=20,
        purpose="Counselling",
    ),
    Partner(
        "Registrars (demo)", "council", (("Ken Doyle", "ken@registrars.example"), ("Liz Hart", "liz@registrars.example")),
        has_accepted=False, insurance=41, purpose="Registering births",
    ),
)  # fmt: skip


async def make(today: date) -> None:
    """The partners with their bookers, of whom one books for two."""
    numbers = count(960)
    for partner in PARTNERS:
        organisation = await _organisation(partner, today)
        for name, email in partner.bookers:
            person = await Person.filter(email=email).first() or await _person(name, email, next(numbers))
            await Role.create(person=person, kind="partner", organisation=organisation)


async def _organisation(partner: Partner, today: date) -> Organisation:
    return await Organisation.create(
        name=partner.name,
        kind=partner.kind,
        email=partner.bookers[0][1],
        agreement_to_date=today + timedelta(days=partner.agreement),
        insurance_to_date=today + timedelta(days=partner.insurance),
        terms_accepted_at=clock.at(today - timedelta(days=90), "10:15") if partner.has_accepted else None,
        minutes_per_term=partner.hours_per_term * 60 if partner.hours_per_term else None,
        rate_pence=partner.rate_pence,
        cost_code=partner.cost_code,
        default_title=partner.purpose,
        is_reminded=True,
    )


async def _person(name: str, email: str, number: int) -> Person:
    return await Person.create(
        name=name, email=email, phone=f"+447700900{number}", channel="email", created_at=clock.now()
    )

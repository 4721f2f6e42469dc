"""The people of the demo's rotas as facts: skills, what programmes ask for, and how people of each sort usually work."""

from dataclasses import dataclass

SKILLS = (
    ("trained-iy", "Trained in Incredible Years", None),
    ("trained-triple-p", "Trained in Triple P", None),
    ("trained-solihull", "Trained in the Solihull Approach", None),
    ("trained-epec", "Trained in Being a Parent (EPEC)", None),
    ("trained-dads", "Trained in Time Out for Dads", None),
    ("trained-sfsc", "Trained in Strengthening Families", None),
    ("trained-freedom", "Trained in the confidence course", None),
    ("trained-henry", "Trained in HENRY", 36),
    ("trained-conflict", "Trained in reducing parental conflict", None),
    ("trained-antenatal", "Trained in antenatal groups", None),
    ("trained-massage", "Trained in baby massage", None),
    ("trained-feeding", "Trained in infant feeding", 24),
    ("trained-speech", "Trained in early speech and language", None),
    ("trained-send", "Trained in play for children with SEND", None),
    ("creche", "Creche worker (childcare level 2)", None),
    ("first-aid", "Paediatric first aid", 36),
    ("food-hygiene", "Food hygiene level 2", 36),
    ("keyholder", "Keyholder", None),
    ("safeguarding-2", "Safeguarding level 2", 24),
    ("safeguarding-3", "Safeguarding level 3", 36),
)
"""code, name, and how many months it lasts."""

INCLUDES = {"safeguarding-3": "safeguarding-2"}
"""Who holds this holds that too."""

FOR_PROGRAMMES = {
    **dict.fromkeys(("IY-BABY", "IY-TODD", "IY-PRE", "IY-PRE-T", "IY-SCH", "IY-ASLD"), ("trained-iy",)),
    **dict.fromkeys(("TP-GRP", "TP-TEEN", "TP-DISC"), ("trained-triple-p",)),
    "SOL-UYCB": ("trained-solihull",),
    "EPEC-BAP": ("trained-epec",),
    "DADS-TO": ("trained-dads",),
    "SFSC": ("trained-sfsc",),
    "FREEDOM": ("trained-freedom",),
    "HENRY": ("trained-henry",),
    **dict.fromkeys(("RPC", "SEPP"), ("trained-conflict",)),
    "ANTE": ("trained-antenatal",),
    "BMASS": ("trained-massage",),
    "IFEED": ("trained-feeding",),
    "CHAT": ("trained-speech",),
    "SENDP": ("trained-send",),
    "COOK": ("food-hygiene",),
    "CRECHE": ("creche",),
}
"""Programme code -> codes of the skills that each facilitator of it holds."""

TRAINED = tuple(code for code, _, _ in SKILLS if code.startswith("trained-"))
OFTEN = {"trained-iy", "trained-solihull", "trained-henry", "trained-massage", "trained-feeding", "trained-speech"}
"""What runs at most hubs, so that two people of each are trained in it."""

FIRST = (
    "Adele", "Bashir", "Carys", "Dominic", "Esther", "Farah", "Gwen", "Hamid", "Ingrid", "Jamal", "Kirsty", "Leon", "Mona",
    "Nuala", "Oscar", "Petra", "Quentin", "Rosa", "Stefan", "Thea", "Umar", "Vera", "Winston", "Xenia", "Yvette", "Zack",
    "Alma", "Bryn", "Cleo", "Desmond", "Edie", "Flora", "Greta", "Howell", "Isla", "Jonas", "Kemi", "Lorna", "Miles", "Nell",
)  # fmt: skip
LAST = (
    "Ashdown", "Bellamy", "Croft", "Dalby", "Eastwood", "Fairley", "Gatling", "Hollis", "Ingram", "Jessop", "Kellaway",
    "Langton", "Mullen", "Norris", "Oakley", "Pardoe", "Rudge", "Selby", "Tasker", "Upton", "Venning", "Wexford", "Yardley",
)  # fmt: skip

Week = tuple[tuple[int, str, str, str, int | None], ...]
"""weekday, start, end, kind, week of the cycle (None: every week)."""


def _days(days: str, start: str, end: str, kind: str = "works", week: int | None = None) -> Week:
    return tuple((int(day), start, end, kind, week) for day in days)


@dataclass(frozen=True, slots=True)
class Sort:
    """How people of a sort work: contract in minutes a week (None: none), the pattern, and the most of evenings and Saturdays."""

    weekly_minutes: int | None
    week: Week
    evenings: int = 2
    saturdays: int = 2
    cycle: int = 1
    drives: bool = True


FULL = Sort(37 * 60, (*_days("01234", "08:00", "18:30"), *_days("3", "18:30", "20:30"), *_days("5", "08:30", "14:00")))
EVENINGS = Sort(
    37 * 60,
    (*_days("0", "09:00", "18:00"), *_days("1234", "09:00", "21:00"), *_days("5", "08:30", "14:00", week=0)),
    evenings=3, cycle=2,
)  # fmt: skip
MORNINGS = Sort(
    25 * 60, (*_days("01234", "08:30", "15:15"), *_days("01234", "08:30", "12:30", "prefers")), evenings=0, saturdays=0
)
THREE_DAYS = Sort(
    int(22.5 * 60), (*_days("012", "08:30", "18:00"), *_days("4", "12:00", "18:00", "avoids")), evenings=1, saturdays=1
)
LATE_WEEK = Sort(
    30 * 60,
    (*_days("1234", "08:30", "19:30"), *_days("5", "08:30", "15:00"), *_days("4", "14:00", "19:30", "avoids")),
    drives=False,
)
VOLUNTEER = Sort(None, (*_days("1", "09:00", "13:00"), *_days("3", "09:00", "15:00")), evenings=0, saturdays=1)
VOLUNTEER_SATURDAYS = Sort(None, _days("25", "09:00", "13:00"), evenings=0, saturdays=2, drives=False)
VISITOR = Sort(None, (*_days("02", "09:00", "16:30"),), evenings=0, saturdays=0)
STAFF_OF_A_HUB = (FULL, FULL, EVENINGS, MORNINGS, THREE_DAYS, LATE_WEEK)

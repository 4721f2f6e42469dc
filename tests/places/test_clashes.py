"""Each rule by itself: what it refuses, what it lets by, in whose favour. Pure: tables of cases."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from booking import clock
from booking.places import clashes
from booking.places.clashes import Case, Partner, problems_of, state_of
from booking.places.opening import Opening, Shut
from booking.places.rooms import RoomFacts
from booking.settings import ROOT

TUESDAY = date(2027, 1, 12)
NOW = clock.at(date(2027, 1, 4), "09:00")
ROOM = RoomFacts(
    id=UUID(int=1), code="R", name="Hall", kind="hall", capacity=30, layouts={"boardroom": 12}, features=frozenset({"step-free"}),
    setup_minutes=15, clear_minutes=15, notes="", is_partner_bookable=True, approval="out_of_hours", notice_hours=24,
    longest_minutes=180, furthest_days=100, override_by="staff", rate_pence=0, valid_from=None, valid_to=None,
    location_id=UUID(int=2), location_name="Ferndown", location_slug="f", location_kind="hub", hub_id=UUID(int=2),
    hub_name="Ferndown", area="Dorset", operator="", postcode="", lat=None, lon=None, needs_two=True, is_restricted=False,
    leaves=(UUID(int=1),),
)  # fmt: skip
OPEN = Opening(dict.fromkeys(range(5), (("09:00", "17:00"),)))
PARTNER = Partner("Advice", True, date(2027, 12, 31), date(2027, 12, 31), "room")


def case(start="10:00", end="12:00", day=TUESDAY, **values) -> Case:
    given = {"room": ROOM, "opening": OPEN, "now": NOW, "partner": PARTNER, "as_partner": True} | values
    return Case(starts_at=clock.at(day, start), ends_at=clock.at(day, end), **given)


def rules(of: Case) -> dict[str, str]:
    return {problem.rule: problem.level for problem in problems_of(of)}


def test_nothing_speaks_against_an_ordinary_booking():
    assert rules(case()) == {} and state_of(problems_of(case())) == "free"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"day": date(2027, 1, 4), "start": "08:00", "end": "08:30"}, {"past": "blocks"}),
        ({"day": date(2027, 1, 4), "start": "15:00", "end": "16:00"}, {"notice": "blocks"}),
        ({"day": date(2027, 1, 5), "start": "09:00", "end": "10:00"}, {}),
        ({"start": "09:00", "end": "12:00"}, {}),
        ({"start": "09:00", "end": "12:15"}, {"longest": "blocks"}),
        ({"day": date(2027, 4, 14)}, {}),
        ({"day": date(2027, 4, 15)}, {"furthest": "blocks"}),
        ({"people": 30}, {}),
        ({"people": 31}, {"capacity": "blocks"}),
        ({"people": 13, "layout": "boardroom"}, {"capacity": "blocks"}),
        ({"people": 13, "layout": "theatre"}, {}),
        ({"features": frozenset({"step-free"})}, {}),
        ({"features": frozenset({"projector"})}, {"feature": "warns"}),
        ({"minutes_left": 120}, {}),
        ({"minutes_left": 119}, {"allowance": "needs_approval"}),
        ({"taken": (("partner", NOW, NOW),)}, {"room taken": "blocks"}),
        ({"taken": (("closure", NOW, NOW),)}, {"closure": "blocks"}),
    ],
)
def test_rules_for_partners(given, expected):
    if "day" in given or "start" in given:
        given = {"start": "10:00", "end": "12:00"} | given
    found = {
        rule: level
        for rule, level in rules(case(**given)).items()
        if rule not in ("opening hours", "keyholder", "lone working")
    }
    assert found == expected


@pytest.mark.parametrize(
    ("start", "end", "is_out"),
    [
        ("09:00", "17:00", False), ("08:59", "10:00", True), ("16:00", "17:01", True), ("17:00", "18:00", True), ("12:00", "13:00", False),
    ],
)  # fmt: skip
def test_the_use_itself_must_lie_within_the_hours_set_up_need_not(start, end, is_out):
    assert case(start, end).is_out_of_hours is is_out


def test_hours_that_touch_are_one_stretch():
    opening = Opening({1: (("09:00", "12:00"), ("12:00", "17:00"))})
    assert not case("11:00", "13:00", opening=opening).is_out_of_hours


def test_a_place_without_any_hours_has_no_rule_about_them():
    assert rules(case("20:00", "21:00", opening=Opening())) == {}


@pytest.mark.parametrize(
    ("approval_of_room", "approval_of_partner", "in_hours", "out_of_hours"),
    [
        ("out_of_hours", "room", "free", "request"),
        ("never", "room", "free", "free"),
        ("always", "room", "request", "request"),
        ("never", "always", "request", "request"),
        ("always", "never", "free", "free"),
    ],
)
def test_who_decides_by_room_by_partner_in_and_out_of_hours(
    approval_of_room, approval_of_partner, in_hours, out_of_hours
):
    given = {
        "room": replace(ROOM, approval=approval_of_room), "partner": replace(PARTNER, approval=approval_of_partner),
        "has_keyholder": True, "second_person": "Ali",
    }  # fmt: skip
    assert state_of(problems_of(case(**given))) == in_hours
    assert state_of(problems_of(case("18:00", "20:00", **given))) == out_of_hours


def test_out_of_hours_a_keyholder_is_named_and_nobody_is_alone():
    evening = case("18:00", "20:00")
    assert rules(evening) == {"opening hours": "needs_approval", "keyholder": "needs_approval", "lone working": "warns"}
    assert "lone working" not in rules(replace(evening, people=2)) and "lone working" not in rules(
        replace(evening, second_person="Jo")
    )
    own = replace(evening, as_partner=False, partner=None, may_override=True)
    assert rules(own)["keyholder"] == "blocks" and rules(own)["opening hours"] == "warns"


def test_a_bank_holiday_is_named():
    title = {TUESDAY: "New Year’s Day"}
    assert rules(case(opening=replace(OPEN, bank_holidays=title)))["bank holiday"] == "needs_approval"


@pytest.mark.parametrize(
    ("shut_from", "shut_to", "is_closed"),
    [
        ("08:00", "10:00", False), ("08:00", "10:01", True), ("10:30", "11:00", True), ("11:59", "13:00", True),
        ("12:00", "13:00", False), ("09:00", "13:00", True), ("10:00", "12:00", True), ("13:00", "14:00", False),
    ],
)  # fmt: skip
def test_a_closure_that_touches_is_no_clash(shut_from, shut_to, is_closed):
    shut = Shut(clock.at(TUESDAY, shut_from), clock.at(TUESDAY, shut_to), "Election day")
    found = problems_of(case(opening=replace(OPEN, closures=(shut,)), has_keyholder=True))
    assert ("closure" in {problem.rule for problem in found}) is is_closed
    if is_closed:
        assert "Election day" in next(problem.words for problem in found if problem.rule == "closure")


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"has_accepted_terms": False}, "terms"), ({"is_ended": True}, "agreement"),
        ({"agreement_to": date(2027, 1, 11)}, "agreement"), ({"insurance_to": date(2027, 1, 11)}, "insurance"),
    ],
)  # fmt: skip
def test_what_stops_a_partner_can_be_gone_beyond_by_staff_with_a_reason_only(values, rule):
    partner = replace(PARTNER, **values)
    assert rules(case(partner=partner)) == {rule: "blocks"}
    assert rules(case(partner=partner, as_partner=False)) == {rule: "blocks"}
    assert rules(case(partner=partner, as_partner=False, may_override=True)) == {rule: "warns"}


def test_the_last_day_of_an_agreement_belongs_to_it():
    assert rules(case(partner=replace(PARTNER, agreement_to=TUESDAY))) == {}


@pytest.mark.parametrize(
    ("room", "rule"),
    [
        (replace(ROOM, valid_to=date(2027, 1, 11)), "not in use"), (replace(ROOM, valid_from=date(2027, 1, 13)), "not in use"),
        (replace(ROOM, is_partner_bookable=False), "not for partners"), (replace(ROOM, is_restricted=True), "not for partners"),
    ],
)  # fmt: skip
def test_rooms_that_partners_cannot_have(room, rule):
    assert rules(case(room=room)) == {rule: "blocks"}


def test_nobody_goes_beyond_a_hold_a_closure_an_ended_room_or_the_past():
    own = {"as_partner": False, "partner": None, "may_override": True}
    assert rules(case(taken=(("session", NOW, NOW),), **own)) == {"room taken": "blocks"}
    assert rules(case(taken=(("closure", NOW, NOW),), **own)) == {"closure": "blocks"}
    assert rules(case(room=replace(ROOM, valid_to=date(2027, 1, 11)), **own)) == {"not in use": "blocks"}
    assert rules(case(day=date(2027, 1, 1), **own))["past"] == "blocks"


def test_notice_longest_and_furthest_do_not_bind_staff():
    own = {"as_partner": False, "partner": None}
    soon = case(day=date(2027, 1, 4), start="09:30", end="16:30", **own)
    assert rules(soon) == {} and rules(case(day=date(2027, 12, 1), **own)) == {}


def test_every_refusal_says_which_rule_and_the_way_out():
    every = case(
        "06:00", "23:00", day=date(2027, 12, 25), people=99, minutes_left=0, taken=(("partner", NOW, NOW),),
        room=replace(ROOM, valid_to=date(2027, 6, 1), is_partner_bookable=False),
        partner=Partner("Advice", False, date(2027, 1, 1), date(2027, 1, 1), "always"),
    )  # fmt: skip
    found = problems_of(every)
    assert len(found) >= 10
    for problem in found:
        assert problem.rule and problem.words[-1] == "." and len(problem.words) < 200


def test_ten_oclock_is_within_the_hours_on_both_sides_of_a_clock_change():
    for day in (date(2027, 3, 26), date(2027, 3, 29), date(2027, 10, 29), date(2027, 11, 1)):
        early = Case(
            ROOM, clock.at(day, "09:00"), clock.at(day, "10:00"), OPEN, datetime.fromisoformat("2027-01-01T00:00+00:00")
        )
        assert not early.is_out_of_hours
        before = clock.at(day, "09:00") - timedelta(hours=1)
        assert replace(early, starts_at=before).is_out_of_hours


def test_every_rule_is_called_and_stands_in_the_docs():
    told = (ROOT / "docs" / "rooms.md").read_text("utf-8")
    for rule in (
        "notice",
        "longest",
        "furthest",
        "allowance",
        "keyholder",
        "lone working",
        "capacity",
        "feature",
        "insurance",
    ):
        assert rule in told
    public = {
        name
        for name, each in vars(clashes).items()
        if getattr(each, "__module__", "") == clashes.__name__ and not name.startswith("_")
    }
    called = {rule.__name__ for rule in clashes.RULES}
    assert public - called == {"Case", "Partner", "problems_of", "state_of"}

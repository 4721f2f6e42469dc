"""The format of texts: fields, optional parts, and whatever somebody typed into a title."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.messages.wording_format import Unreadable, fields_in, parse, render

VALUES = {"title": "Stay and play", "place": "", "dates": "- one\n- two", "reason": "", "link": "https://x.example/m/1"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{title}: {link}", "Stay and play: https://x.example/m/1"),
        ("{title}[[, {place}]].", "Stay and play."),
        ("[[{title}, ]][[{place}, ]]here", "Stay and play, here"),
        ("a\n[[Where: {place}]]\nb", "a\nb"),
        ("a\n[[Where: {place}]][[ (it was {reason})]]\nb", "a\nb"),
        ("a\n[[Where: {title}]][[ (it was {reason})]]\nb", "a\nWhere: Stay and play\nb"),
        ("a\n\n[[Why:\n\n{reason}\n\nso.]]\n\nb", "a\n\n\nb"),
        ("a\n[[These:\n{dates}]]\nb", "a\nThese:\n- one\n- two\nb"),
        ("a\n\n[[{place}]] b", "a\n\n b"),
        ("[[{title} at {place}]]", ""),
        ("", ""),
        ("50% off, 3 < 4, a\\n", "50% off, 3 < 4, a\\n"),
    ],
)
def test_fields_go_in_and_optional_parts_go_out(text, said):
    assert render(text, VALUES.__getitem__) == said


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{title", "single {"),
        ("title}", "single }"),
        ("{Title}", "single {"),
        ("{ title }", "single {"),
        ("{}", "single {"),
        ("[a]", "single ["),
        ("[[a {title}", "never ends"),
        ("a]] {title}", "no [[ came before"),
        ("[[a [[{title}]] b]]", "inside another"),
        ("[[no field]]", "has no field"),
        ("[[]]", "has no field"),
        ("[ [{title}] ]", "single ["),
    ],
)
def test_anything_else_is_refused_in_words(text, why):
    with pytest.raises(Unreadable) as refused:
        parse(text)
    assert why in str(refused.value)


def test_the_fields_of_a_text_are_named_in_order():
    assert fields_in("{b}[[ {a} {b}]]") == ["b", "a", "b"]


@given(st.text(max_size=60), st.text(max_size=60))
def test_what_goes_in_is_never_looked_at_again(title, place):
    said = render("<{title}>[[|{place}|]]", {"title": title, "place": place}.__getitem__)
    assert said == f"<{title}>" + (f"|{place}|" if place else "")


@given(st.text(alphabet="[]{}ab_\n {title}", max_size=40))
def test_any_text_is_either_said_or_refused(text):
    try:
        assert isinstance(render(text, lambda name: "x"), str)
    except Unreadable as refused:
        assert str(refused)

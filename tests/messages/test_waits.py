from booking.messages import claims


def test_waits_grow_and_are_capped():
    assert 5 <= claims.wait(0) <= 7 and 10 <= claims.wait(1) <= 14
    assert 900 <= claims.wait(30) <= 1200
    assert claims.wait(0, at_least=60) >= 60

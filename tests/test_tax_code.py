"""The check digit of a tax code, against python-stdnum as an independent reckoning."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.vn import mst

from cooperatives.tax_code import check_digit_is_right, has_tax_code_shape

nine_digits = st.text(alphabet="0123456789", min_size=9, max_size=9)


@given(nine_digits, st.sampled_from("0123456789"))
def test_the_check_digit_agrees_with_stdnum(first, last):
    assert check_digit_is_right(first + last) == (mst.calc_check_digit(first) == last)


@given(nine_digits)
def test_at_most_one_last_digit_is_right(first):
    right = [digit for digit in "0123456789" if check_digit_is_right(first + digit)]
    computed = mst.calc_check_digit(first)
    assert right == ([computed] if len(computed) == 1 else [])


@given(nine_digits, st.integers(min_value=0, max_value=8), st.sampled_from("0123456789"))
def test_one_mistyped_digit_is_noticed(first, place, typed):
    last = mst.calc_check_digit(first)
    if len(last) == 1 and first[place] != typed:
        assert check_digit_is_right(first + last)
        assert not check_digit_is_right(first[:place] + typed + first[place + 1 :] + last)


@pytest.mark.parametrize("code", ["4700990014", "4700990021", "4700990039", "4700990046", "4700990014-001"])
def test_known_codes_are_right(code):
    assert has_tax_code_shape(code)
    assert check_digit_is_right(code)
    assert mst.is_valid(code)


@pytest.mark.parametrize(
    "code",
    [
        "", "470099001", "47009900144", "4700990014-", "4700990014-01", "4700990014-0011", "4700990014001",
        "47009900 14", " 4700990014", "4700990014\n", "470099001x", "４７００９９００１４", "4700990014–001",
    ],
)  # fmt: skip
def test_what_has_another_shape_is_no_tax_code(code):
    assert not has_tax_code_shape(code)
    assert not check_digit_is_right(code)


def test_a_wrong_digit_keeps_the_shape_and_fails_the_check():
    assert has_tax_code_shape("4700990015")
    assert not check_digit_is_right("4700990015")
    assert not check_digit_is_right("4700990015-001")

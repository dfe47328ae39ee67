"""Amounts as people type them."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cooperatives.text import parse_dong


@pytest.mark.parametrize(
    ("typed", "dong"),
    [
        ("1.234.567", 1_234_567),
        ("1,234,567", 1_234_567),
        ("1 234 567", 1_234_567),
        ("1234567", 1_234_567),
        ("350tr", 350_000_000),
        ("350 triệu đồng", 350_000_000),
        ("1,5 tỷ", 1_500_000_000),
        ("1.5 tỉ", 1_500_000_000),
        ("2 ty\u0309", 2_000_000_000),
        ("500k", 500_000),
        ("500 nghìn", 500_000),
        ("12.000 đ", 12_000),
        ("0", 0),
    ],
)
def test_an_amount_is_read_the_way_it_was_meant(typed, dong):
    assert parse_dong(typed) == dong


@pytest.mark.parametrize("typed", ["", "tr", "-5", "1,5", "1.23.456", "2 trăm", "1,2345 k", "1e9", "12 xe", "1.234,5"])
def test_what_is_no_whole_amount_is_refused_and_not_guessed(typed):
    with pytest.raises(ValueError):
        parse_dong(typed)


@given(st.integers(min_value=0, max_value=10**15))
def test_a_figure_in_groups_is_read_back_as_itself(amount):
    assert parse_dong(f"{amount:,}".replace(",", ".")) == amount


@given(st.text(max_size=40))
def test_any_text_is_an_amount_or_a_refusal(text):
    with suppress(ValueError):
        assert parse_dong(text) >= 0

"""Words for templates: the query string keeps its filters, figures and phones read as Vietnam writes them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.http import QueryDict
from django.template import Context, Template
from django.utils import translation

from htx_portal.templatetags.portal import number, phone, vnd


class Asked:
    """A request of which only the query string matters."""

    def __init__(self, query=""):
        self.GET = QueryDict(query)


def link(tag, query="", **more):
    context = Context({"request": Asked(query), **more})
    return Template("{% load portal %}{% url_with " + tag + " %}").render(context)


def test_the_link_keeps_the_filters_and_changes_only_what_is_asked():
    assert link("page=2", "status=open&page=1") == "?status=open&amp;page=2"


def test_the_link_keeps_every_value_of_a_repeated_filter():
    assert link("page=3", "topic=ocop&topic=tax") == "?topic=ocop&amp;topic=tax&amp;page=3"


def test_the_link_drops_what_is_emptied_and_what_was_empty_before():
    assert link("page=None q=''", "q=abc&kind=&page=7&status=open") == "?status=open"


def test_zero_is_a_value_and_not_an_empty_one():
    assert link("stars=0") == "?stars=0"


def test_a_list_gives_one_pair_for_each_item():
    assert link("topic=chosen", "topic=loan", chosen=["ocop", "tax"]) == "?topic=ocop&amp;topic=tax"


def test_nothing_left_is_still_a_link_to_the_bare_page():
    assert link("page=None", "page=2") == "?"


def test_a_page_without_a_request_uses_the_changes_alone():
    assert Template("{% load portal %}{% url_with page=2 %}").render(Context()) == "?page=2"


def test_what_a_visitor_put_in_the_address_cannot_break_out_of_the_link():
    shown = link("page=2", 'q="><script>&x=%26y%3D1')
    assert "<" not in shown and '"' not in shown
    assert "x=%26y%3D1" in shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (999, "999"),
        (1234567, "1.234.567"),
        (-1234, "-1.234"),
        ("1234567", "1.234.567"),
        (Decimal("1234567.00"), "1.234.567"),
        (Decimal("1234.50"), "1.234,5"),
        (0.25, "0,25"),
        (Decimal("1E+6"), "1.000.000"),
        (None, ""),
        ("", ""),
        ("chưa rõ", "chưa rõ"),
        ("NaN", "NaN"),
    ],
)
def test_a_number_is_grouped_by_dots_and_anything_else_is_left_alone(value, shown):
    assert number(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (500, "500\N{NO-BREAK SPACE}đ"),
        ("500", "500\N{NO-BREAK SPACE}đ"),
        (Decimal("2000000000"), "2.000.000.000\N{NO-BREAK SPACE}đ"),
        (None, ""),
        ("", ""),
        ("chưa vay", "chưa vay"),
    ],
)
def test_an_amount_carries_its_unit_only_when_it_is_an_amount(value, shown):
    assert vnd(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("0912345678", "0912 345 678"),
        ("0912.345.678", "0912 345 678"),
        ("+84 912 345 678", "0912 345 678"),
        ("+84(0)912345678", "0912 345 678"),
        ("02093870123", "0209 3870 123"),
        ("113", "113"),
        ("912345678", "912345678"),
        ("0912 345 678 (chị Lan)", "0912 345 678 (chị Lan)"),
        (None, ""),
        ("", ""),
        (912345678, "912345678"),
    ],
)
def test_a_phone_number_is_grouped_and_never_loses_its_leading_zero(value, shown):
    assert phone(value) == shown


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("arg", ["", ":'d/m/Y'", ":'Y-m-d'", ":'l'", ":'d/m'"])
@pytest.mark.parametrize(
    "value", [date(2023, 9, 5), datetime(2023, 9, 4, 18, 30, tzinfo=UTC), date(987, 1, 2), None, "", "x", 5]
)
def test_days_are_written_as_django_writes_them(value, arg, language):
    with translation.override(language):
        written = {
            load: Template(f"{load}{{{{ value|date{arg} }}}}").render(Context({"value": value}))
            for load in ("", "{% load portal %}")
        }
    assert written["{% load portal %}"] == written[""]


def test_a_day_is_written_day_first():
    page = Template("{% load portal %}{{ value|date }} {{ value|date:'Y-m-d' }}")
    assert page.render(Context({"value": date(2023, 9, 5)})) == "05/09/2023 2023-09-05"

"""Acts on congresses, terms, charter and yearly updates: noted twice they are there once, whoever comes first."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cooperatives.errors import InvalidEntry
from cooperatives.governance.acts import (
    amend_charter,
    begin_term,
    file_annual_update,
    record_congress,
    settle_terms,
    take_back_annual_update,
    withdraw_term,
)
from cooperatives.models import AnnualUpdate, Congress, Cooperative, Term
from tests.contents import nothing_written
from tests.factories import make_cooperative, make_user
from tests.law import load_rules
from tests.racing import at_once, of_kind

pytestmark = [pytest.mark.django_db, pytest.mark.database]

TODAY = date(2026, 11, 28)
HELD = date(2026, 3, 14)
FIGURES = {
    "kind": "term", "call_no": 1, "held_on": HELD, "official_members": 20, "delegates_invited": None, "present": 15,
    "quorum_met": True, "decisions": "Bầu HĐQT.\r\n", "resolution_no": " 01/NQ ",
}  # fmt: skip


@pytest.fixture
def cooperative():
    return make_cooperative()


def note(cooperative, congress=None, **changes):
    """Note the meeting of FIGURES with changes."""
    return record_congress(cooperative, FIGURES | changes, today=TODAY, congress=congress)


def terms_of(cooperative) -> list[tuple]:
    """Start, end by election and real end of each term, oldest first."""
    return list(cooperative.terms.order_by("started_on").values_list("started_on", "ends_on", "ended_on"))


def test_a_meeting_is_noted_in_its_stored_form(cooperative):
    row = note(cooperative)
    row.refresh_from_db()
    assert {name: getattr(row, name) for name in FIGURES} == FIGURES | {
        "decisions": "Bầu HĐQT.",
        "resolution_no": "01/NQ",
    }


def test_a_meeting_noted_twice_is_there_once_with_the_last_figures(cooperative):
    first, second = note(cooperative), note(cooperative, present=18)
    assert first.pk == second.pk
    assert list(Congress.objects.values_list("present", flat=True)) == [18]


def test_a_meeting_moved_to_another_day_is_the_same_row(cooperative):
    row = note(cooperative)
    moved = note(cooperative, row, held_on=HELD + timedelta(1))
    assert (moved.pk, Congress.objects.get().held_on) == (row.pk, HELD + timedelta(1))


def test_a_meeting_moved_onto_one_that_is_there_becomes_that_one_with_its_terms(cooperative):
    there = note(cooperative, held_on=HELD + timedelta(1))
    row = note(cooperative)
    term = begin_term(cooperative, HELD, 5, elected_by=row)
    moved = note(cooperative, row, held_on=HELD + timedelta(1))
    term.refresh_from_db()
    assert list(Congress.objects.all()) == [there] == [moved]
    assert term.elected_by == there


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"held_on": TODAY + timedelta(1)}, "held_on"),
        ({"held_on": date(202, 3, 14)}, "held_on"),
        ({"call_no": 4}, "call_no"),
        ({"present": 2_000_000}, "present"),
        ({"kind": "party"}, "kind"),
        ({"resolution_no": "x" * 61}, "resolution_no"),
    ],
)
def test_a_meeting_that_cannot_be_right_is_refused_by_column(cooperative, changes, column):
    with nothing_written(), pytest.raises(InvalidEntry) as refusal:
        note(cooperative, **changes)
    assert list(refusal.value.problems) == [column]


def test_a_term_begins_and_the_one_before_ends_the_day_before(cooperative):
    begin_term(cooperative, date(2020, 3, 1), 5)
    row = begin_term(cooperative, date(2024, 6, 1), 5, " Nông Thị Mai ", elected_by=note(cooperative))
    assert terms_of(cooperative) == [
        (date(2020, 3, 1), date(2025, 2, 28), date(2024, 5, 31)),
        (date(2024, 6, 1), date(2029, 5, 31), None),
    ]
    assert (row.chair, row.years, row.elected_by.held_on) == ("Nông Thị Mai", 5, HELD)


def test_a_term_begun_twice_or_moved_is_there_once_and_the_one_before_follows(cooperative):
    begin_term(cooperative, date(2020, 3, 1), 5)
    row = begin_term(cooperative, date(2024, 6, 1), 5)
    again = begin_term(cooperative, date(2024, 6, 1), 4)
    moved = begin_term(cooperative, date(2025, 4, 1), 5, term=again)
    assert row.pk == again.pk == moved.pk
    assert terms_of(cooperative) == [
        (date(2020, 3, 1), date(2025, 2, 28), None),
        (date(2025, 4, 1), date(2030, 3, 31), None),
    ]


def test_a_term_taken_back_gives_the_one_before_its_own_end_again(cooperative):
    begin_term(cooperative, date(2020, 3, 1), 5)
    withdraw_term(begin_term(cooperative, date(2024, 6, 1), 5))
    assert terms_of(cooperative) == [(date(2020, 3, 1), date(2025, 2, 28), None)]


def test_bodies_have_terms_of_their_own(cooperative):
    begin_term(cooperative, date(2020, 3, 1), 5)
    begin_term(cooperative, date(2021, 3, 1), 5, body="control")
    assert [ended for _start, _end, ended in terms_of(cooperative)] == [None, None]


@pytest.mark.parametrize(("years", "started_on"), [(0, HELD), (21, HELD), (5, date(1800, 1, 1))])
def test_a_term_that_cannot_be_right_is_refused(cooperative, years, started_on):
    with nothing_written(), pytest.raises(InvalidEntry):
        begin_term(cooperative, started_on, years)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.lists(st.tuples(st.dates(date(2010, 1, 1), date(2028, 1, 1)), st.integers(1, 6)), max_size=7))
def test_whatever_the_order_terms_follow_one_another_without_overlap(cooperative, starts):
    Term.objects.all().delete()
    for started_on, years in starts:
        begin_term(cooperative, started_on, years)
    settle_terms(cooperative, "board")
    rows = list(cooperative.terms.order_by("started_on"))
    assert [row.started_on for row in rows] == sorted({started_on for started_on, _years in starts})
    for row, following in pairwise(rows):
        assert row.last_day == min(row.ends_on, following.started_on - timedelta(1))
    assert [row.pk for row in Term.objects.latest()] == [row.pk for row in rows[-1:]]


def test_an_amended_charter_conforms_since_the_law_asks_for_it(cooperative):
    load_rules()
    amend_charter(cooperative, date(2024, 6, 30))
    assert (cooperative.charter_review, cooperative.charter_amended_on) == ("not_reviewed", date(2024, 6, 30))
    amend_charter(cooperative, date(2024, 7, 1))
    amend_charter(cooperative, date(2024, 6, 1))
    cooperative.refresh_from_db()
    assert (cooperative.charter_review, cooperative.charter_amended_on) == ("amended", date(2024, 7, 1))


def test_an_update_is_noted_corrected_and_taken_back(cooperative):
    by = make_user()
    file_annual_update(cooperative, 2025, date(2025, 12, 10), by=by, today=TODAY)
    file_annual_update(cooperative, 2025, date(2025, 12, 12), by=by, today=TODAY)
    assert list(AnnualUpdate.objects.values_list("year", "filed_on", "recorded_by")) == [
        (2025, date(2025, 12, 12), by.pk)
    ]
    take_back_annual_update(cooperative, 2025)
    take_back_annual_update(cooperative, 2025)
    assert AnnualUpdate.objects.count() == 0


@pytest.mark.parametrize(
    ("year", "filed_on", "column"),
    [
        (2023, date(2023, 12, 1), "year"),
        (2028, TODAY, "year"),
        (2026, TODAY + timedelta(1), "filed_on"),
        (2026, date(2025, 12, 14), "filed_on"),
    ],
)
def test_an_update_that_cannot_be_right_is_refused(cooperative, year, filed_on, column):
    with nothing_written(), pytest.raises(InvalidEntry) as refusal:
        file_annual_update(cooperative, year, filed_on, by=None, today=TODAY)
    assert list(refusal.value.problems) == [column]


@pytest.mark.django_db(transaction=True)
def test_two_people_who_note_the_same_meeting_and_term_at_once_note_one():
    cooperative = make_cooperative()

    def both():
        row = note(Cooperative.objects.get(pk=cooperative.pk))
        return begin_term(cooperative, HELD, 5, elected_by=row)

    results = at_once(both, both, both)
    assert of_kind(results, Exception) == []
    assert (Congress.objects.count(), Term.objects.count()) == (1, 1)

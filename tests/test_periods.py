"""Reporting periods: every day belongs to exactly one month of each calendar; how months are read and named."""

import itertools
from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cooperatives.errors import InvalidEntry
from support_cases.reports.periods import ADMINISTRATIVE, CALENDARS, MONTH, Month, Period, Span, ended_on
from support_cases.reports.query import ReportQuery, read_query
from support_cases.reports.served import period_label
from support_cases.reports.versions import half_month_of

DECADE = [date(2020, 1, 1) + timedelta(days=n) for n in range((date(2031, 1, 1) - date(2020, 1, 1)).days)]
TODAY = date(2023, 9, 20)
months = st.builds(Month, st.integers(min_value=1991, max_value=2099), st.integers(min_value=1, max_value=12))


def by_hand(day: date, calendar: str) -> tuple[int, int]:
    """The month of a day: from the 15th on, the administrative month is the next one."""
    if calendar == MONTH or day.day < 15:
        return day.year, day.month
    return (day.year + 1, 1) if day.month == 12 else (day.year, day.month + 1)


@pytest.mark.parametrize("calendar", CALENDARS)
def test_every_day_from_2020_to_2030_lies_in_exactly_one_month(calendar):
    some_more = [Month(2019, 12), *Period(calendar, Month(2020, 1), Month(2030, 12)).months(), Month(2031, 1)]
    covered = Counter()
    for month in some_more:
        day = month.first_day(calendar)
        while day <= month.last_day(calendar):
            covered[day] += 1
            assert (month.year, month.number) == by_hand(day, calendar)
            assert Month.containing(day, calendar) == month
            day += timedelta(days=1)
    assert [day for day in DECADE if covered[day] != 1] == []


@pytest.mark.parametrize("calendar", CALENDARS)
def test_a_month_follows_the_last_day_of_the_one_before(calendar):
    for month in Period(calendar, Month(2020, 1), Month(2030, 12)).months():
        assert month.plus(1).first_day(calendar) - month.last_day(calendar) == timedelta(days=1)


def test_the_administrative_month_runs_from_the_fifteenth_to_the_fourteenth():
    days = [
        (str(month), month.first_day(ADMINISTRATIVE), month.last_day(ADMINISTRATIVE))
        for month in (Month(2023, 1), Month(2023, 3), Month(2024, 3))
    ]
    assert days == [
        ("2023-01", date(2022, 12, 15), date(2023, 1, 14)),
        ("2023-03", date(2023, 2, 15), date(2023, 3, 14)),
        ("2024-03", date(2024, 2, 15), date(2024, 3, 14)),
    ]


def test_eight_months_of_2023_are_other_days_in_each_calendar():
    spans = [
        (period.start, period.end)
        for period in (Period(calendar, Month(2023, 1), Month(2023, 8)) for calendar in (MONTH, ADMINISTRATIVE))
    ]
    assert spans == [(date(2023, 1, 1), date(2023, 8, 31)), (date(2022, 12, 15), date(2023, 8, 14))]


@pytest.mark.parametrize("calendar", CALENDARS)
def test_both_calendars_are_made_of_whole_half_months(calendar):
    starts = {half_month_of(day) for day in DECADE}
    assert {day for day in starts if day.day not in (1, 15)} == set()
    for month in Period(calendar, Month(2020, 2), Month(2030, 11)).months():
        assert month.first_day(calendar) in starts
        assert month.last_day(calendar) + timedelta(days=1) in starts


@given(months, st.integers(min_value=-1000, max_value=1000))
def test_going_on_and_back_by_months_ends_where_it_began(month, number):
    assert month.plus(number).plus(-number) == month
    assert (month.plus(number) > month) == (number > 0)
    assert month.plus(12) == Month(month.year + 1, month.number)


@given(months, months, st.sampled_from(CALENDARS))
def test_a_period_has_its_months_in_order_and_none_when_turned_round(first, last, calendar):
    listed = list(Period(calendar, first, last).months())
    assert len(listed) == max(0, (last.year - first.year) * 12 + last.number - first.number + 1)
    assert listed == sorted(set(listed))


@given(months, st.integers(min_value=0, max_value=30), st.sampled_from(CALENDARS))
def test_the_year_before_has_the_same_months(first, length, calendar):
    period = Period(calendar, first, first.plus(length))
    before = period.year_before()
    assert [(m.year + 1, m.number) for m in before.months()] == [(m.year, m.number) for m in period.months()]
    assert before.start == period.start.replace(year=period.start.year - 1)


def test_a_period_is_complete_when_its_last_day_is_over():
    period = Period(ADMINISTRATIVE, Month(2023, 9), Month(2023, 9))
    days = [date(2023, 9, 13), date(2023, 9, 14), date(2023, 9, 15)]
    assert [period.is_complete(day) for day in days] == [False, False, True]


# --- Kinds of period ------------------------------------------------------------------------------

IN_A_YEAR = {Span.MONTH: 12, Span.QUARTER: 4, Span.HALF: 2, Span.YEAR: 1}
spans = st.sampled_from(list(IN_A_YEAR))
calendars = st.sampled_from(CALENDARS)
some_days = st.integers(min_value=0, max_value=len(DECADE) - 1).map(lambda at: DECADE[at])
day_pairs = st.tuples(some_days, st.integers(min_value=0, max_value=800)).map(
    lambda pair: (pair[0], pair[0] + timedelta(days=pair[1]))
)
periods_of_months = st.builds(
    lambda calendar, first, more: Period(calendar, first, first.plus(more)),
    calendars,
    st.builds(Month, st.integers(min_value=2000, max_value=2080), st.integers(min_value=1, max_value=12)),
    st.integers(min_value=0, max_value=30),
)
periods_of_days = st.builds(lambda calendar, days: Period.from_day_to_day(calendar, *days), calendars, day_pairs)
any_period = periods_of_months | periods_of_days


def days_of(period: Period) -> list[date]:
    """Every day of a period, gone to one by one."""
    listed = [period.start]
    while listed[-1] < period.end:
        listed.append(listed[-1] + timedelta(days=1))
    return listed


@pytest.mark.parametrize("calendar", CALENDARS)
@pytest.mark.parametrize(("span", "in_a_year"), list(IN_A_YEAR.items()))
def test_every_day_from_2020_to_2030_lies_in_exactly_one_period_of_each_kind(calendar, span, in_a_year):
    periods = {Period.containing(day, calendar, span): None for day in DECADE}
    covered = Counter(day for period in periods for day in days_of(period))
    assert [day for day in DECADE if covered[day] != 1] == []
    assert {period.span for period in periods} == {span}
    whole_years = Counter(period.first.year for period in periods)
    assert {whole_years[year] for year in range(2020, 2031)} == {in_a_year}
    for one, following in itertools.pairwise(periods):
        assert following.start - one.end == timedelta(days=1)
        assert following.previous() == one


@pytest.mark.parametrize("calendar", CALENDARS)
@pytest.mark.parametrize("number", range(1, 13))
def test_the_first_n_months_of_a_year_are_its_months_up_to_the_nth(calendar, number):
    for year in range(2020, 2031):
        period = Period.parse(f"{year}-{number}M", calendar)
        months = [Period.parse(f"{year}-{n:02d}", calendar) for n in range(1, number + 1)]
        assert days_of(period) == [day for month in months for day in days_of(month)]
        assert period == months[-1].cumulative() == period.cumulative()
        assert [str(month) for month in period.months()] == [month.code for month in months]


@pytest.mark.parametrize("calendar", CALENDARS)
def test_quarters_halves_and_nine_months_are_what_an_office_means(calendar):
    def ends(text: str) -> tuple[str, str]:
        period = Period.parse(text, calendar)
        return f"{period.start:%d/%m/%Y}", f"{period.end:%d/%m/%Y}"

    said = [ends(text) for text in ("2024-Q1", "2024-Q4", "2024-H1", "2024-H2", "2024-9M", "2024")]
    assert said == {
        MONTH: [
            ("01/01/2024", "31/03/2024"), ("01/10/2024", "31/12/2024"), ("01/01/2024", "30/06/2024"),
            ("01/07/2024", "31/12/2024"), ("01/01/2024", "30/09/2024"), ("01/01/2024", "31/12/2024"),
        ],
        ADMINISTRATIVE: [
            ("15/12/2023", "14/03/2024"), ("15/09/2024", "14/12/2024"), ("15/12/2023", "14/06/2024"),
            ("15/06/2024", "14/12/2024"), ("15/12/2023", "14/09/2024"), ("15/12/2023", "14/12/2024"),
        ],
    }[calendar]  # fmt: skip


@given(st.integers(min_value=1990, max_value=2100), calendars, spans)
def test_a_period_is_read_back_from_its_code(year, calendar, span):
    for number in range(1, 13):
        for period in (
            Period.containing(Month(year, number).last_day(calendar), calendar, span),
            Period.parse(f"{year}-{number}M", calendar),
        ):
            assert Period.parse(period.code, calendar) == period
            assert Period.parse(f" {period.code.lower()} ", calendar).code == period.code


@pytest.mark.parametrize(
    "text",
    [
        "", "2024-Q0", "2024-Q5", "2024-H3", "2024-0M", "2024-13M", "2024-M9", "Q1-2024", "24-Q1", "1989", "2101",
        "2024-Q", "2024-9m9", "2024_H1", "２０２４", "2024-Q１", "2024-06-01", "2024-H1-Q1",
    ],
)  # fmt: skip
def test_what_is_no_period_is_refused(text):
    with pytest.raises(ValueError) as refusal:
        Period.parse(text, MONTH)
    assert str(refusal.value) == text.upper()


@given(any_period)
def test_the_days_of_a_period_lie_each_in_one_of_its_months(period):
    parts = [period.part(month) for month in period.months()]
    assert [day for part in parts for day in days_of(part)] == days_of(period)
    assert [part.first for part in parts] == [part.last for part in parts] == list(period.months())
    assert period.length == len(parts)


@given(any_period)
def test_the_period_before_is_as_long_and_ends_the_day_before(period):
    before = period.previous()
    assert period.start - before.end == timedelta(days=1)
    if period.days:
        assert len(days_of(before)) == len(days_of(period))
    else:
        assert (before.length, before.days) == (period.length, None)


@given(any_period)
def test_the_time_since_the_start_of_the_year_ends_with_the_period_and_begins_with_its_year(period):
    whole = period.cumulative()
    assert (whole.end, whole.first) == (period.end, Month(period.last.year, 1))
    assert whole.start == Month(period.last.year, 1).first_day(period.calendar)
    assert whole.cumulative() == whole


@given(any_period)
def test_a_year_before_the_same_days_are_meant(period):
    before = period.year_before()
    assert (before.start.month, before.end.year) == (period.start.month, period.end.year - 1)
    assert before.start.day == (28 if (period.start.month, period.start.day) == (2, 29) else period.start.day)
    assert before.span == period.span or period.days


@given(calendars, day_pairs)
def test_days_that_make_up_whole_months_are_those_months(calendar, days):
    start, end = days
    period = Period.from_day_to_day(calendar, start, end)
    assert (period.start, period.end) == days
    whole = start == period.first.first_day(calendar) and end == period.last.last_day(calendar)
    assert (period.days is None) == whole
    assert (period.span == Span.FREE) or whole


@pytest.mark.parametrize("calendar", CALENDARS)
def test_the_periods_that_end_on_a_day_are_all_an_office_reports_on_then(calendar):
    ended = {day: ended_on(day, calendar) for day in DECADE}
    assert {period.end for periods in ended.values() for period in periods} <= set(DECADE)
    assert [day for day, periods in ended.items() if any(period.end != day for period in periods)] == []
    # Months, quarters, halves, nine months and the year, in each of eleven years.
    assert sum(len(periods) for periods in ended.values()) == 11 * (12 + 4 + 2 + 1 + 1)
    december = Month(2024, 12).last_day(calendar)
    assert [period.code for period in ended[december]] == ["2024-12", "2024-Q4", "2024-H2", "2024"]
    september = Month(2024, 9).last_day(calendar)
    assert [period.code for period in ended[september]] == ["2024-09", "2024-Q3", "2024-9M"]


# --- Reading --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("2023-01", (2023, 1)), ("2023-1", (2023, 1)), ("01/2023", (2023, 1)), ("1/2023", (2023, 1)),
        (" 2023-12 ", (2023, 12)), ("12/2023", (2023, 12)), ("1990-01", (1990, 1)), ("2100-12", (2100, 12)),
    ],
)  # fmt: skip
def test_a_month_is_read_in_both_ways_of_writing(text, month):
    assert Month.parse(text) == Month(*month)


@pytest.mark.parametrize(
    "text",
    [
        "", "2023", "2023-13", "2023-00", "0/2023", "13/2023", "01-2023", "2023/01", "05/09/2023", "2023-09-05",
        "01/2023/7", "/2023", "2023-", "1989-12", "2101-01", "23-01", "２０２３-01", "2023-０1", "+023-01", "2023-1 1",
        "tháng 1", "2023-001",
    ],
)  # fmt: skip
def test_what_is_no_month_is_refused(text):
    with pytest.raises(ValueError) as refusal:
        Month.parse(text)
    assert str(refusal.value) == text


@given(months)
def test_a_month_is_read_back_from_what_it_says(month):
    assert Month.parse(str(month)) == month
    assert Month.parse(f"{month.number:02d}/{month.year}") == month


@pytest.mark.parametrize(
    ("period", "label"),
    [
        (Period(MONTH, Month(2023, 8), Month(2023, 8)), "Tháng 08/2023 (01/08/2023 – 31/08/2023)"),
        (Period(MONTH, Month(2023, 1), Month(2023, 8)), "8 tháng đầu năm 2023 (01/01/2023 – 31/08/2023)"),
        (
            Period(ADMINISTRATIVE, Month(2023, 1), Month(2023, 8)),
            "8 tháng đầu năm 2023 (15/12/2022 – 14/08/2023)",
        ),
        (
            Period(MONTH, Month(2022, 11), Month(2023, 2)),
            "Tháng 11/2022 – 02/2023 (01/11/2022 – 28/02/2023)",
        ),
    ],
)
def test_a_label_names_the_months_and_the_exact_days(period, label):
    assert period_label(period) == label


# --- What a reader asks for -----------------------------------------------------------------------


def asked(**params: str) -> ReportQuery:
    return read_query({"from" if name == "first" else name: value for name, value in params.items()}, TODAY)


def test_without_a_word_the_running_month_is_meant():
    september = Period(MONTH, Month(2023, 9), Month(2023, 9))
    assert asked() == ReportQuery(september, "2022", None)
    assert asked(first=" ", to="", calendar="", frame="", as_of="") == ReportQuery(september, "2022", None)
    october = Period(ADMINISTRATIVE, Month(2023, 10), Month(2023, 10))
    assert asked(calendar="administrative").period == october


def test_one_month_alone_means_that_month():
    january = Period(MONTH, Month(2023, 1), Month(2023, 1))
    assert asked(first="2023-01").period == asked(to="01/2023").period == january


def test_a_whole_question_is_read():
    query = asked(first="2023-01", to="2023-08", calendar="administrative", frame="2025", as_of="05/09/2023")
    assert query == ReportQuery(Period(ADMINISTRATIVE, Month(2023, 1), Month(2023, 8)), "2025", date(2023, 9, 5))


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"first": "2023-13"}, "from"),
        ({"to": "31/09/2023"}, "to"),
        ({"first": "2023-08", "to": "2023-01"}, "to"),
        ({"first": "2000-01", "to": "2010-01"}, "to"),
        ({"calendar": "lunar"}, "calendar"),
        ({"frame": "2023"}, "frame"),
        ({"as_of": "31/02/2023"}, "as_of"),
    ],
)
def test_a_question_that_cannot_be_read_is_refused_under_its_name(params, field):
    with pytest.raises(InvalidEntry) as refusal:
        asked(**params)
    assert list(refusal.value.problems) == [field]


def test_the_longest_period_is_ten_years():
    assert len(list(asked(first="2000-01", to="2009-12").period.months())) == 120

"""What a cooperative reported of a year: what may be recorded, money as people type it, two people at once, pages."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from cooperatives.errors import InvalidEntry, NotAllowedNow
from cooperatives.models import YearFigures
from cooperatives.yearly import record_year_figures, years_open
from cooperatives.yearly_forms import YearForm
from htx_portal.accounts.models import Role
from tests.contents import nothing_written
from tests.factories import make_cooperative, make_user
from tests.racing import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.database]

TODAY = date(2026, 11, 28)
NOW = datetime(2026, 11, 28, 9, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


@pytest.fixture
def cooperative():
    return make_cooperative(registered_on=date(2021, 3, 15))


def figures(cooperative, year: int = 2025, **said) -> YearFigures:
    """Unsaved figures."""
    return YearFigures(cooperative=cooperative, year=year, **({"members": 20} | said))


def record(row: YearFigures, **how) -> YearFigures:
    told = {"today": TODAY, "now": NOW} | how
    return record_year_figures(row, **({"by": make_user()} | told if "by" not in told else told))


def refused(row: YearFigures) -> dict[str, list[str]]:
    with nothing_written(), pytest.raises(InvalidEntry) as refusal:
        record(row, by=None)
    return {name: [str(one) for one in said] for name, said in refusal.value.problems.items()}


def test_figures_are_recorded_with_who_and_when(cooperative):
    officer = make_user()
    record(figures(cooperative, revenue=10**9, profit=-5, rating="good"), by=officer)
    row = cooperative.year_figures.get()
    assert (row.members, row.revenue, row.profit, row.rating) == (20, 10**9, -5, "good")
    assert (row.recorded_by, row.recorded_at) == (officer, NOW)


@pytest.mark.parametrize("year", [2020, 2027])
def test_no_figures_of_a_year_before_the_cooperative_or_to_come(cooperative, year):
    assert list(refused(figures(cooperative, year))) == ["year"]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"members": None}, "__all__"),
        ({"members": None, "source": "Báo cáo"}, "__all__"),
        ({"managers": 2, "managers_vocational": 1, "managers_college": 2}, "managers"),
        ({"worker_income": 50_000_000}, "workers"),
        ({"worker_income": 50_000_000, "workers": 0}, "workers"),
        ({"members": 1_000_001}, "members"),
        ({"revenue": 10**15 + 1}, "revenue"),
        ({"profit": -(10**15) - 1}, "profit"),
        ({"rating": "splendid"}, "rating"),
        ({"source": "x" * 161}, "source"),
    ],
)
@pytest.mark.once
def test_what_cannot_be_right_is_refused_at_its_field(cooperative, said, field):
    assert list(refused(figures(cooperative, **said))) == [field]


def test_the_same_again_changes_nothing_and_keeps_who_was_first(cooperative):
    first = record(figures(cooperative))
    again = record(figures(cooperative), now=NOW + timedelta(hours=1))
    assert (again.pk, again.recorded_at, YearFigures.objects.count()) == (first.pk, NOW, 1)


def test_a_correction_starts_from_what_is_recorded_or_is_told_so(cooperative):
    record(figures(cooperative))
    with nothing_written(), pytest.raises(NotAllowedNow):
        record(figures(cooperative, members=21), by=None)
    later = NOW + timedelta(hours=1)
    record(figures(cooperative, members=21), seen=NOW, now=later)
    row = cooperative.year_figures.get()
    assert (row.members, row.recorded_at) == (21, later)


def test_figures_of_a_year_can_be_recorded_back_to_the_founding(cooperative):
    assert years_open(cooperative, TODAY) == [2026, 2025, 2024, 2023, 2022, 2021]
    assert years_open(make_cooperative(registered_on=date(1999, 1, 1)), TODAY)[-1] == 2015


@pytest.mark.django_db(transaction=True)
def test_of_two_who_report_one_year_at_once_one_is_told():
    row, officer = make_cooperative(registered_on=date(2021, 3, 15)), make_user()
    done = at_once(*[lambda n=n: record(figures(row, members=n), by=officer) for n in (10, 11)])
    assert sorted(type(one).__name__ for one in done) == ["NotAllowedNow", "YearFigures"]
    assert YearFigures.objects.count() == 1


# --- Pages -------------------------------------------------------------------------------------------------


def form_of(cooperative, year: int = 2025) -> str:
    return reverse("cooperatives:year-form", args=[cooperative.pk, year])


def test_staff_record_a_year_with_money_as_they_type_it(client, cooperative):
    client.force_login(make_user(Role.STAFF))
    typed = {
        "members": "31", "workers": "12", "revenue": "2,5 tỷ", "profit": "-120tr", "worker_income": "54.000.000",
        "rating": "fair", "value_chain": "True", "high_tech": "False", "source": "Báo cáo năm",
    }  # fmt: skip
    answer = client.post(form_of(cooperative), typed, follow=True)
    row = cooperative.year_figures.get()
    assert (row.members, row.workers, row.managers) == (31, 12, None)
    assert (row.revenue, row.profit, row.worker_income) == (2_500_000_000, -120_000_000, 54_000_000)
    assert (row.rating, row.value_chain, row.high_tech) == ("fair", True, False)
    text = answer.text
    assert "-120.000.000" in text and "2.500.000.000" in text
    shown = client.get(form_of(cooperative)).text
    assert 'value="-120.000.000"' in shown and 'value="54.000.000"' in shown


@pytest.mark.parametrize(
    ("typed", "value"), [("(120tr)", -120_000_000), ("−5 triệu", -5_000_000), ("0", 0), ("", None)]
)
def test_a_loss_is_typed_with_a_minus_or_in_brackets(client, cooperative, typed, value):
    client.force_login(make_user(Role.STAFF))
    client.post(form_of(cooperative), {"members": "9", "profit": typed})
    assert cooperative.year_figures.get().profit == value


@pytest.mark.parametrize("typed", ["nhiều", "--5", "1e99", "9" * 400, "()", "-", "12.34.5", "\x00"])
@pytest.mark.once
def test_what_is_no_amount_is_refused_beside_it_and_kept(client, cooperative, typed):
    client.force_login(make_user(Role.STAFF))
    answer = client.post(form_of(cooperative), {"members": "9", "profit": typed, "seen": "x", "value_chain": "maybe"})
    assert answer.status_code == 200
    assert {"profit", "value_chain"} <= set(answer.context["form"].errors)
    assert not YearFigures.objects.exists()


@pytest.mark.parametrize("seen", ["", "2020-01-01T00:00:00+00:00", "nonsense", "2020-99-01T00:00:00"])
def test_whoever_was_overtaken_is_told_and_loses_nothing(client, cooperative, seen):
    record(figures(cooperative))
    client.force_login(make_user(Role.STAFF))
    answer = client.post(form_of(cooperative), {"members": "77", "seen": seen})
    assert answer.status_code == 200
    assert 'value="77"' in answer.text
    assert cooperative.year_figures.get().members == 20


def test_a_correction_by_the_form_is_recorded(client, cooperative):
    record(figures(cooperative))
    client.force_login(make_user(Role.STAFF))
    seen = client.get(form_of(cooperative)).context["form"]["seen"].value()
    assert client.post(form_of(cooperative), {"members": "77", "seen": seen}).status_code == 302
    assert cooperative.year_figures.get().members == 77


def test_a_year_that_cannot_be_reported_has_no_form(client, cooperative):
    client.force_login(make_user(Role.STAFF))
    for year in (2020, 2199, 0):
        assert client.get(form_of(cooperative, year)).status_code == 404


def test_managers_look_and_do_not_record(client, cooperative):
    record(figures(cooperative))
    client.force_login(make_user(Role.MANAGER))
    page = client.get(reverse("cooperatives:year-figures", args=[cooperative.pk])).text
    assert form_of(cooperative) not in page
    assert client.post(form_of(cooperative), {"members": "1"}).status_code == 403


def test_the_list_of_years_asks_as_often_for_one_as_for_many(client, cooperative, django_assert_max_num_queries):
    client.force_login(make_user(Role.STAFF))
    for year in range(2021, 2026):
        record(figures(cooperative, year))
    with django_assert_max_num_queries(9):
        assert client.get(reverse("cooperatives:year-figures", args=[cooperative.pk])).status_code == 200


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"year": "2020"}, "year"),
        ({"year": "2199"}, "year"),
        ({"members": ""}, "__all__"),
        ({"managers": "2", "managers_vocational": "1", "managers_college": "2"}, "managers"),
        ({"cooperative": ""}, "cooperative"),
    ],
)
def test_the_admin_site_refuses_what_the_page_refuses(client, cooperative, said, field):
    client.force_login(make_user(Role.ADMIN))
    address = reverse("admin:cooperatives_yearfigures_add")
    typed = {"cooperative": cooperative.pk, "year": "2025", "members": "9"}
    answer = client.post(address, typed | said)
    assert answer.status_code == 200
    assert list(answer.context["adminform"].form.errors) == [field]
    assert not YearFigures.objects.exists()
    assert client.post(address, typed).status_code == 302
    assert cooperative.year_figures.get().members == 9


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("1.234", 1234), ("1234", 1234), ("1,234", 1234), (" 1 234 ", 1234), ("0", 0), ("", None)],
)
def test_people_are_typed_as_they_are_written(cooperative, typed, kept):
    form = YearForm({"members": typed, "workers": "7"}, instance=YearFigures(cooperative=cooperative, year=2025))
    assert form.is_valid(), form.errors
    assert form.cleaned_data["members"] == kept


@pytest.mark.parametrize("typed", ["1,5", "1.5", "12.34", "1.234,5", "chục", "1.2345", "٣٤.5", "9" * 5000])
def test_what_is_no_whole_number_of_people_is_said(cooperative, typed):
    form = YearForm({"members": typed}, instance=YearFigures(cooperative=cooperative, year=2025))
    assert form.errors == {"members": ["Hãy ghi một số nguyên, ví dụ 1.234."]}


def test_limits_are_said_in_groups_of_three(cooperative):
    assert refused(figures(cooperative, members=1_000_001)) == {"members": ["Giá trị lớn nhất là 1.000.000."]}
    assert refused(figures(cooperative, profit=-(10**15) - 1)) == {
        "profit": ["Giá trị nhỏ nhất là -1.000.000.000.000.000."]
    }
    form = YearForm({"revenue": "9" * 16}, instance=YearFigures(cooperative=cooperative, year=2025))
    assert form.errors == {"revenue": ["Giá trị lớn nhất là 1.000.000.000.000.000."]}

"""Tax: a case names an obligation and a period, reminds of the day, tells what the tax office said, and never pays."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cooperatives.errors import InvalidEntry, NotAllowedNow
from cooperatives.models import TaxObligation, TaxProfile
from cooperatives.models.tax import VatFiling
from cooperatives.tax_calendar import record_profile
from support_cases.models import Case
from support_cases.workflow import take_step
from tests.contents import nothing_written
from tests.factories import change, make_case, make_cooperative, make_founding_group, make_user
from tests.kept import put_reference

pytestmark = pytest.mark.django_db

TODAY = date(2024, 4, 26)
STOPS = ["tax_study", "tax_guided", "tax_asked"]


@pytest.fixture
def rules(db):
    """The reference files, as they are shipped."""
    put_reference()


@pytest.fixture
def quarter(rules) -> TaxObligation:
    """The quarterly VAT return of the law of 2019; that of the first quarter of 2024 is due on 2 May."""
    return TaxObligation.objects.get(code="vat_return_quarter", valid_to=date(2026, 6, 30))


@pytest.fixture
def case(quarter) -> Case:
    row = make_case(
        topic="tax", title="Tờ khai quý I", today=TODAY,
        details={"subject": "return", "obligation": quarter, "period": "2024-Q1"},
    )  # fmt: skip
    row.checklist.update(received_on=TODAY)
    return take_step(row, "start", by=row.officer, today=TODAY)


def step(case: Case, code: str, today: date = TODAY, note: str = "") -> Case:
    return take_step(case, code, by=case.officer, today=today, note=note)


def hints(case: Case, day: date = TODAY) -> list[tuple[str, str]]:
    return [(hint.tone, str(hint.text)) for hint in case.kind.guidance(case, day)]


# --- What the page says ---------------------------------------------------------------------------


def test_the_day_of_the_period_is_told_with_its_arithmetic_and_always_to_be_checked_with_the_tax_office(case):
    # 30 April and 1 May are days off.
    assert hints(case) == [
        ("info", "Hạn của Tờ khai thuế GTGT theo quý kỳ 2024-Q1: 02/05/2024."),
        ("info", "Kiểm tra với cơ quan thuế trước khi HTX làm theo; cổng này không tính số thuế phải nộp."),
    ]
    assert [(str(label), words) for label, words in case.kind.facts(case, TODAY)] == [
        ("Cách tính hạn thuế", "30/04/2024 → 02/05/2024 (ngày làm việc tiếp theo)")
    ]
    assert hints(case, date(2024, 4, 30))[0][0] == "warn"
    assert hints(case, date(2024, 5, 3))[0][0] == "bad"


def test_a_decree_is_named(rules):
    payment = TaxObligation.objects.get(code="cit_provisional", valid_to=date(2026, 6, 30))
    case = make_case(topic="tax", today=TODAY, details={"obligation": payment, "period": "2026-Q2"})
    record_profile(case.cooperative, {"agriculture": True}, by=case.officer)
    assert ("info", "Kỳ này được gia hạn theo Nghị định 245/2026/NĐ-CP.") in hints(case)
    assert case.kind.facts(case, TODAY)[0][1] == "31/07/2026 → 02/11/2026 (gia hạn)"


def test_a_founding_group_is_led_too(quarter):
    case = make_case(
        make_founding_group(), topic="tax", today=TODAY, details={"obligation": quarter, "period": "2024-Q1"}
    )
    assert hints(case)[0][1].endswith("02/05/2024.")


# --- What is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize("period", ["2026-13", "2026-Q5", "2026", "Q1/2024", str(10**30), "2024-Q1 ", "2024_Q1"])
def test_a_period_that_is_none_of_the_obligation_is_refused_beside_it(case, period):
    if period.strip() == "2024-Q1":
        assert change(case, {"details": {"period": period}}).details.period == "2024-Q1"
        return
    with nothing_written(), pytest.raises(InvalidEntry) as refused:
        change(case, {"details": {"period": period}})
    assert list(refused.value.problems) == ["period"]


@pytest.mark.parametrize("period", ["2026-13", "2026-Q5", str(10**30), "Quý I/2024"])
def test_a_period_that_is_none_at_all_is_refused_where_no_obligation_is_named(case, period):
    with nothing_written(), pytest.raises(InvalidEntry) as refused:
        change(case, {"details": {"obligation": None, "period": period}})
    assert list(refused.value.problems) == ["period"]
    assert change(case, {"details": {"obligation": None, "period": "2026-05"}}).details.period == "2026-05"


@pytest.mark.parametrize(("code", "period"), [("licence_fee", "2026"), ("vat_return_quarter", "2026-Q3")])
def test_a_rule_is_not_named_for_a_period_outside_its_time(case, code, period):
    rule = TaxObligation.objects.filter(code=code).earliest("valid_from")
    with nothing_written(), pytest.raises(InvalidEntry) as refused:
        change(case, {"details": {"obligation": rule, "period": period}})
    assert refused.value.problems == {
        "period": ["Quy định này không áp dụng cho kỳ đó; chọn quy định đúng thời gian của kỳ."]
    }


@pytest.mark.parametrize(
    "details",
    [
        {"answer": "confirmed"},
        {"answered_on": date(2024, 4, 20)},
        {"answer": "none", "answered_on": date(2024, 4, 20)},
        {"answer": "confirmed", "answered_on": timezone.localdate() + timedelta(days=1)},
    ],
)
def test_an_answer_goes_with_its_day_which_is_not_to_come(case, details):
    with nothing_written(), pytest.raises(InvalidEntry) as refused:
        change(case, {"details": details})
    assert list(refused.value.problems) == ["answered_on"]


def test_the_tax_office_has_not_answered_before_an_answer_is_noted(case):
    for code in STOPS:
        case = step(case, code)
    with nothing_written(), pytest.raises(NotAllowedNow) as refused:
        step(case, "tax_answered")
    assert refused.value.problems == ["Ghi cơ quan thuế trả lời gì và ngày nào ở phần chi tiết trước."]
    case = change(case, {"details": {"answer": "other", "answered_on": date(2024, 4, 25)}})
    assert step(case, "tax_answered").milestone == "tax_answered"


# --- Ending ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "warned"),
    [(date(2024, 4, 28), False), (date(2024, 4, 29), True), (date(2024, 5, 2), True), (date(2024, 5, 3), False)],
)
def test_ending_within_three_days_of_the_deadline_without_an_answer_needs_a_reason(case, day, warned):
    if not warned:
        assert step(case, "complete", day).status == "completed"
        return
    with nothing_written(), pytest.raises(NotAllowedNow) as refused:
        step(case, "complete", day)
    warning = "Hạn Tờ khai thuế GTGT theo quý kỳ 2024-Q1 là 02/05/2024 mà cơ quan thuế chưa trả lời."
    assert refused.value.problems == [warning, "Nếu vẫn tiếp tục, hãy ghi lý do vào ghi chú."]
    ended = step(case, "complete", day, note="HTX đã tự nộp")
    assert ended.events.last().note == f"HTX đã tự nộp\nĐã tiếp tục dù: {warning}"


def test_what_was_found_out_goes_into_the_tax_profile_of_the_cooperative_row_by_row(case):
    known = {"answer": "confirmed", "answered_on": date(2024, 4, 25), "vat_filing": "quarterly", "employs_people": True}
    case = step(change(case, {"details": known}), "complete")
    assert list(TaxProfile.objects.values_list("cooperative", "vat_filing", "employs_people", "agriculture")) == [
        (case.cooperative_id, VatFiling.QUARTERLY, True, None)
    ]
    TaxProfile.objects.update(agriculture=True)
    again = change(step(case, "reopen", note="Bổ sung"), {"details": {"vat_filing": "monthly", "employs_people": None}})
    step(again, "complete", note="Xong")
    assert list(TaxProfile.objects.values_list("vat_filing", "employs_people", "agriculture")) == [
        (VatFiling.MONTHLY, True, True)
    ]


def test_a_case_that_found_nothing_out_leaves_the_register_alone(rules):
    case = make_case(topic="tax", today=TODAY)
    case.checklist.update(received_on=TODAY)
    step(step(case, "start"), "complete")
    assert not TaxProfile.objects.exists()


# --- Pages and API --------------------------------------------------------------------------------


@pytest.fixture
def office(rules, client):
    """A cooperative with its person, and a member of staff who has signed in."""
    cooperative = make_cooperative()
    person = make_user("cooperative", cooperative=cooperative)
    staff = make_user()
    client.force_login(staff)
    return cooperative, person, staff


def address(cooperative, name: str = "tax-calendar") -> str:
    return reverse(f"cooperatives:{name}", args=[cooperative.pk])


def test_the_calendar_shows_each_day_with_its_basis_to_staff_and_to_the_cooperative(client, office):
    cooperative, person, _staff = office
    for user in (office[2], person):
        client.force_login(user)
        page = client.get(address(cooperative), {"tu": "01/07/2026", "den": "31/12/2026"}).text
        assert "có thể đến 02/11/2026 theo Nghị định 245/2026/NĐ-CP nếu HTX thuộc diện gia hạn" in page
        record_profile(cooperative, {"agriculture": True}, by=office[2])
        page = client.get(address(cooperative), {"tu": "01/07/2026", "den": "31/12/2026"}).text
        TaxProfile.objects.all().delete()
        assert "Kiểm tra với cơ quan thuế".lower() in page.lower()
        assert "Luật số 108/2025/QH15" in page
        assert "gia hạn từ 31/07/2026 theo Nghị định 245/2026/NĐ-CP" in page
        # The calendar does not know what was filed: a day gone by is past, and nobody is late.
        assert "quá " not in page
    client.force_login(make_user("cooperative", cooperative=make_cooperative()))
    assert client.get(address(cooperative)).status_code == 404


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"tu": "31/02/2026"}, "tu"),
        ({"tu": "01/01/0001"}, "tu"),
        ({"tu": "31/12/9999"}, "tu"),
        ({"den": "\x00"}, "den"),
        ({"tu": "01/02/2026", "den": "01/01/2026"}, "den"),
        ({"tu": "01/01/2020", "den": "01/01/2027"}, "den"),
    ],
)
def test_a_span_that_cannot_be_shown_is_told_beside_its_field(client, office, asked, field):
    page = client.get(address(office[0]), asked)
    assert (page.status_code, list(page.context["form"].errors)) == (200, [field])


def test_the_calendar_takes_as_many_queries_for_two_years_as_for_a_month(client, office):
    counts = []
    for last in ("31/07/2026", "30/06/2028"):
        with CaptureQueriesContext(connection) as found:
            client.get(address(office[0]), {"tu": "01/07/2026", "den": last})
        counts.append(len(found))
    assert counts[0] == counts[1] <= 12


def test_staff_write_how_a_cooperative_files_and_others_may_not(client, office):
    cooperative, person, staff = office
    sent = {"vat_filing": "quarterly", "employs_people": "true", "agriculture": "unknown"}
    assert client.post(address(cooperative, "tax-profile"), sent).url == address(cooperative)
    profile = TaxProfile.objects.get()
    assert (profile.vat_filing, profile.employs_people, profile.agriculture, profile.edited_by) == (
        "quarterly", True, None, staff,
    )  # fmt: skip
    wrong = client.post(address(cooperative, "tax-profile"), sent | {"vat_filing": "daily"})
    assert list(wrong.context["form"].errors) == ["vat_filing"]
    for user in (person, make_user("manager")):
        client.force_login(user)
        assert client.post(address(cooperative, "tax-profile"), sent).status_code == 403


def test_what_is_coming_is_for_the_office(client, office):
    page = client.get(reverse("cooperatives:tax-coming"))
    assert page.status_code == 200
    client.force_login(office[1])
    assert client.get(reverse("cooperatives:tax-coming")).status_code == 403


def test_the_api_answers_typed_days_by_page_and_refuses_strange_spans(client, office):
    cooperative, person, _staff = office
    url = reverse("api-cooperatives-tax", args=[cooperative.pk])
    answer = client.get(url, {"from": "2026-07-01", "to": "2026-08-31"}).json()
    assert answer.keys() == {"count", "next", "previous", "results"}
    moved = client.get(url, {"from": "2026-07-31", "to": "2026-07-31"}).json()["results"]
    (one,) = [row for row in moved if (row["obligation"], row["period"]) == ("cit_provisional", "2026-Q2")]
    assert (one["statutory_on"], one["due_on"], one["moved_by"], one["certain"]) == (
        "2026-07-31", "2026-07-31", "Nghị định 245/2026/NĐ-CP", False,
    )  # fmt: skip
    spans = ({"from": "x"}, {"to": "2026-02-31"}, {"from": "2026-02-01", "to": "2026-01-01"}, {"from": "9999-12-31"})
    for asked in spans:
        assert client.get(url, asked).status_code == 400
    client.force_login(person)
    assert client.get(url).status_code == 200
    client.force_login(make_user("cooperative", cooperative=make_cooperative()))
    assert client.get(url).status_code == 404


def test_whether_a_cooperative_owes_tax_is_the_office_s_own(client, case):
    case = change(case, {"details": {"in_debt": True}})
    client.force_login(make_user("cooperative", cooperative=case.cooperative))
    assert "Đang nợ thuế" not in client.get(reverse("support:case", args=[case.reference])).text
    assert "in_debt" not in client.get(reverse("api-cases-detail", args=[case.reference])).json()["details"]
    client.force_login(case.officer)
    assert "Đang nợ thuế" in client.get(reverse("support:case", args=[case.reference])).text

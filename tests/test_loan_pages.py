"""Pages and API of loans: who sees what, what is found, payments typed as people write them, figures that open."""

from datetime import date, timedelta
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cooperatives.lending import Payment, record_loan, sums, total_of
from cooperatives.models import Disbursement, Loan, LoanProgramme
from htx_portal.accounts.models import Role
from tests.contents import nothing_written
from tests.factories import make_case, make_cooperative, make_user

pytestmark = pytest.mark.django_db

LIST, SUMMARY = "cooperatives:loans", "cooperatives:loan-summary"
TODAY = date(2026, 11, 23)
AMOUNTS = ("777", "555")
REASON = "Phương án chưa khả thi"


@pytest.fixture
def staff(client):
    """A signed-in member of staff."""
    user = make_user("staff")
    client.force_login(user)
    return user


def make_loan(cooperative=None, *, payments=(), by=None, further=(), **fields) -> Loan:
    """A loan of the register, granted in full unless told otherwise."""
    values = {"lender": "vbsp", "requested": 777_000_000, "submitted_on": date(2023, 3, 20)} | fields
    if "result" not in values:
        values |= {"result": "approved", "approved": values["requested"]}
    loan = Loan(cooperative=cooperative or make_cooperative(), **values)
    return record_loan(loan, payments=payments, further=further, by=by or make_user(), today=TODAY)


def refused(cooperative=None, **fields) -> Loan:
    """A refused loan."""
    values = {
        "result": "refused",
        "refusal_reason": "weak_plan",
        "purpose": "Mua máy sấy",
        "decided_on": date(2023, 5, 4),
    }
    return make_loan(cooperative, **values | fields)


# --- Who sees what -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "status"), [("staff", 200), ("manager", 200), ("admin", 200), ("cooperative", 403)])
def test_list_loan_sums_and_api_are_for_those_who_review(client, role, status):
    loan = make_loan()
    client.force_login(make_user(role, cooperative=loan.cooperative if role == Role.COOPERATIVE else None))
    addresses = [reverse(LIST), reverse(SUMMARY), reverse("cooperatives:loan", args=[loan.pk])]
    addresses += ["/api/v1/loans/", f"/api/v1/loans/{loan.pk}/", "/api/v1/loans/summary/"]
    assert {address: client.get(address).status_code for address in addresses} == dict.fromkeys(addresses, status)


@pytest.mark.parametrize(("role", "page", "api"), [("manager", 403, 403), ("cooperative", 403, 403)])
def test_only_staff_record_payments(client, role, page, api):
    loan = make_loan(payments=[Payment(date(2023, 4, 1), 1)])
    client.force_login(make_user(role, cooperative=loan.cooperative if role == Role.COOPERATIVE else None))
    sent = {"paid_on": "05/09/2023", "amount": "1", "seen": 1}
    row = loan.disbursements.get()
    with nothing_written():
        assert client.post(reverse("cooperatives:loan-pay", args=[loan.pk]), sent).status_code == page
        void = reverse("cooperatives:loan-void", args=[loan.pk, row.pk])
        assert client.post(void, {"reason": "Sai"}).status_code == page
        body = {"paid_on": "2023-09-05", "amount": 1}
        answer = client.post(f"/api/v1/loans/{loan.pk}/disbursements/", body, content_type="application/json")
        assert answer.status_code == api


def test_a_cooperative_reads_lender_purpose_result_and_days_of_its_loans_and_no_amount_or_reason(client):
    row = make_cooperative()
    refused(row, requested=777_000_000, further=["bad_debt"])
    make_loan(row, requested=555_000_000, lender="agribank", result="approved", approved=555_000_000)
    stranger = refused(purpose="Việc của người khác")
    client.force_login(make_user("cooperative", cooperative=row))
    page = client.get(reverse("cooperatives:detail", args=[row.pk])).text
    for word in ("Ngân hàng Chính sách xã hội", "Mua máy sấy", "Chưa được vay", "20/03/2023", "04/05/2023", "Được vay"):
        assert word in page
    for word in (*AMOUNTS, REASON, "Nợ xấu", "Từ chối", "vay-von", stranger.purpose):
        assert word not in page
    client.force_login(make_user("manager"))
    page = client.get(reverse("cooperatives:detail", args=[row.pk])).text
    assert all(word in page for word in (*AMOUNTS, REASON, "Từ chối"))


def test_a_cooperative_finds_no_amount_reason_or_debt_in_its_case_by_page_or_api(client):
    row = make_cooperative()
    details = {
        "lender": "vbsp", "requested": 777_000_000, "purpose": "Mua máy sấy", "cic": "has", "result": "refused",
        "refusal_reason": "weak_plan", "submitted_on": date(2023, 3, 20), "own_capital_percent": 13,
        "further_reasons": [{"reason": "bad_debt"}],
    }  # fmt: skip
    case = make_case(row, topic="loan", details=details)
    client.force_login(make_user("cooperative", cooperative=row))
    page = client.get(reverse("support:case", args=[case.reference])).text
    told = client.get(f"/api/v1/cases/{case.reference}/").json()["details"]
    assert "Mua máy sấy" in page and told["purpose"] == "Mua máy sấy"
    for word in ("777", REASON, "Nợ xấu", "nợ xấu", "Các lần giải ngân"):
        assert word not in page
    hidden = {
        "requested", "approved", "refusal_reason", "cic", "own_capital_percent", "disbursements", "further_reasons",
    }  # fmt: skip
    assert hidden & told.keys() == set()
    client.force_login(make_user("staff"))
    assert hidden <= client.get(f"/api/v1/cases/{case.reference}/").json()["details"].keys()


def test_the_refusal_of_a_loan_is_found_by_no_search_of_a_cooperative(client):
    row = make_cooperative()
    refused(row)
    client.force_login(make_user("cooperative", cooperative=row))
    for query in ("weak_plan", "777000000", "phuong an chua kha thi"):
        assert client.get("/api/v1/cooperatives/", {"q": query}).json()["count"] == 0
    assert client.get("/api/v1/loans/", {"reason": "weak_plan"}).status_code == 403
    assert REASON not in client.get("/ho-so/").text


# --- The list ----------------------------------------------------------------------------------------------


def test_every_filter_leaves_what_it_says(client, staff):
    first = make_loan(make_cooperative("HTX Sương Mai"), payments=[Payment(date(2024, 2, 1), 5)], lender="agribank")
    second = refused(submitted_on=date(2022, 5, 1), decided_on=None, further=["bad_debt"])
    wanted = {
        (): [first, second],
        (("lender", "agribank"),): [first],
        (("result", "refused"),): [second],
        (("year", "2022"),): [second],
        (("paid_year", "2024"),): [first],
        (("paid_year", "2023"),): [],
        (("reason", "weak_plan"),): [second],
        (("reason", "bad_debt"),): [second],
        (("reason", "no_collateral"),): [],
        (("district", "061"),): [first, second],
        (("q", "suong mai"),): [first],
        (("ordering", "submitted_on"),): [second, first],
    }
    for query, rows in wanted.items():
        assert list(client.get(reverse(LIST), dict(query)).context["page"]) == rows, query
        if query != (("ordering", "submitted_on"),):
            found = client.get("/api/v1/loans/", dict(query)).json()["results"]
            assert [row["id"] for row in found] == [row.pk for row in rows], query


@pytest.mark.parametrize("name", ["lender", "year", "paid_year", "district", "reason", "result", "ordering"])
@pytest.mark.parametrize("value", ["' OR 1=1", "99999999999999999999", "\x00", "<script>alert(1)</script>"])
def test_nonsense_in_a_filter_is_no_fault(client, staff, name, value):
    make_loan()
    page = client.get(reverse(LIST), {name: value})
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert client.get(reverse(SUMMARY), {name: value}).status_code == 200
    assert client.get("/api/v1/loans/", {name: value}).status_code == 400
    assert client.get("/api/v1/loans/summary/", {name: value}).status_code in (200, 400)


def test_pages_take_as_many_queries_for_ten_loans_as_for_one(client, staff):
    def queries(address, **query):
        client.get(address, query)
        with CaptureQueriesContext(connection) as seen:
            client.get(address, query)
        return len(seen)

    def all_counts():
        programme = LoanProgramme.objects.first()
        return (
            queries(reverse(LIST)), queries(reverse(LIST), paid_year="2023"), queries(reverse(SUMMARY)),
            queries("/api/v1/loans/"), queries("/api/v1/loans/summary/"),
            queries(reverse("cooperatives:loan", args=[programme.loans.first().pk])),
        )  # fmt: skip

    programme = LoanProgramme.objects.create(code="a", name_vi="A", valid_from=date(2020, 1, 1))
    own = make_loan(programme=programme, payments=[Payment(date(2023, 4, 1), 1)], by=staff)
    few = all_counts()
    for day in range(1, 10):
        make_loan(programme=programme, payments=[Payment(date(2023, 4, day), 1)] * 3, by=staff)
    record_loan(own, payments=[Payment(date(2023, 4, day), 1) for day in range(1, 20)], by=staff, today=TODAY)
    assert all_counts() == few


def test_a_long_list_has_pages_and_sums_of_all_that_match(client, staff):
    for _ in range(27):
        make_loan(requested=100, payments=[Payment(date(2024, 1, 1), 10)], by=staff)
    page = client.get(reverse(LIST))
    assert len(page.context["page"]) == 25
    total = page.context["total"]
    assert (total.loans, total.asked, total.approved, total.disbursed) == (27, 2700, 2700, 270)
    assert len(page.content) < 50_000


# --- The sums ----------------------------------------------------------------------------------------------


def test_every_figure_of_the_sums_opens_into_exactly_the_loans_behind_it(client, staff):
    make_loan(payments=[Payment(date(2023, 4, 1), 30), Payment(date(2024, 4, 1), 50)])
    make_loan(lender="agribank", payments=[Payment(date(2024, 5, 1), 7)], requested=500)
    refused(submitted_on=date(2022, 5, 1), decided_on=None)
    lines = 0
    for query in ({}, {"lender": "vbsp"}, {"year": "2024"}, {"district": "061"}):
        context = client.get(reverse(SUMMARY), query).context
        for table in context["years"]:
            for row in (*table["rows"], table["total"]):
                line = row["line"]
                if query.get("lender") and not row["name"]:
                    continue
                if row["asked_url"]:
                    total = client.get(row["asked_url"]).context["total"]
                    assert (total.loans, total.asked, total.approved) == (line.loans, line.asked, line.approved)
                if row["paid_url"]:
                    assert client.get(row["paid_url"]).context["total"].disbursed == line.disbursed
                lines += 1
    assert lines > 10
    total = client.get(reverse(SUMMARY)).context["total"]
    assert (total.loans, total.disbursed) == (3, 87)


def test_page_and_api_give_the_same_sums(client, staff):
    make_loan(payments=[Payment(date(2023, 4, 1), 30), Payment(date(2024, 4, 1), 50)])
    refused(submitted_on=date(2022, 5, 1), decided_on=None)
    answer = client.get("/api/v1/loans/summary/").json()
    assert answer["lines"] == [
        {"year": 2022, "lender": "vbsp", "loans": 1, "asked": 777_000_000, "approved": 0, "disbursed": 0},
        {"year": 2023, "lender": "vbsp", "loans": 1, "asked": 777_000_000, "approved": 777_000_000, "disbursed": 30},
        {"year": 2024, "lender": "vbsp", "loans": 0, "asked": 0, "approved": 0, "disbursed": 50},
    ]
    assert answer["total"] == {"loans": 2, "asked": 1_554_000_000, "approved": 777_000_000, "disbursed": 80}
    (line,) = client.get("/api/v1/loans/summary/", {"year": "2024"}).json()["lines"]
    assert line["disbursed"] == 50
    assert total_of(sums(Loan.objects.all())).asked == answer["total"]["asked"]


def test_the_page_says_by_which_year_each_figure_counts(client, staff):
    make_loan()
    page = client.get(reverse(SUMMARY)).text
    assert "tính theo năm nộp hồ sơ" in page
    assert "tính theo năm tiền được giải ngân" in page


# --- Payments ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "amount"),
    [("350tr", 350_000_000), ("1.234.567", 1_234_567), ("1,234,567 đ", 1_234_567), ("0,5 tỷ", 500_000_000)],
)
def test_a_payment_is_read_as_people_write_it(client, staff, typed, amount):
    loan = make_loan()
    sent = {"paid_on": "05/09/2023", "amount": typed, "note": "Đợt 1", "seen": "0"}
    answer = client.post(reverse("cooperatives:loan-pay", args=[loan.pk]), sent)
    assert (answer.status_code, answer.url) == (302, reverse("cooperatives:loan", args=[loan.pk]))
    row = Disbursement.objects.get()
    assert (row.paid_on, row.amount, row.note, row.recorded_by) == (date(2023, 9, 5), amount, "Đợt 1", staff)
    loan.refresh_from_db()
    assert loan.disbursed == amount


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": "nhiều"},
        {"amount": "-5"},
        {"amount": "0"},
        {"amount": "999.999.999.999.999.999.999"},
        {"amount": "777.000.001"},
        {"paid_on": "32/13/2023"},
        {"paid_on": "01/01/2001"},
        {"paid_on": "01/01/2999"},
        {"seen": "abc"},
        {"seen": ""},
        {"note": "x" * 201},
    ],
)
def test_a_wrong_payment_is_named_beside_its_field_kept_and_not_written(client, staff, changes):
    loan = make_loan()
    sent = {"paid_on": "05/09/2023", "amount": "5tr", "note": "<b>Đợt", "seen": "0"} | changes
    with nothing_written():
        page = client.post(reverse("cooperatives:loan-pay", args=[loan.pk]), sent)
    assert page.status_code == 200
    assert page.context["form"].errors.keys() == changes.keys()
    assert "<b>Đợt" not in page.text
    if "amount" in changes:
        assert changes["amount"] in page.text


def test_a_payment_sent_twice_is_recorded_once_and_can_be_sent_again_knowingly(client, staff):
    loan, address = make_loan(), ""
    address = reverse("cooperatives:loan-pay", args=[loan.pk])
    sent = {"paid_on": "05/09/2023", "amount": "5tr", "seen": "0"}
    client.post(address, sent)
    page = client.post(address, sent)
    assert page.status_code == 409
    assert Disbursement.objects.count() == 1
    client.post(address, sent | {"seen": page.context["form"]["seen"].value()})
    assert Disbursement.objects.count() == 2


def test_a_payment_is_voided_with_a_reason(client, staff):
    loan = make_loan(payments=[Payment(date(2023, 4, 1), 30)])
    address = reverse("cooperatives:loan-void", args=[loan.pk, loan.disbursements.get().pk])
    assert "Cần ghi lý do" in client.post(address, {"reason": ""}, follow=True).text
    page = client.post(address, {"reason": "Ghi nhầm <khoản>"}, follow=True).text
    assert "Ghi nhầm &lt;khoản&gt;" in page
    loan.refresh_from_db()
    assert loan.disbursed == 0
    other = reverse("cooperatives:loan-void", args=[make_loan().pk, loan.disbursements.get().pk])
    assert client.post(other, {"reason": "x"}).status_code == 404


def test_the_api_records_a_payment_and_tells_why_not(client, staff):
    loan = make_loan(requested=100)
    address = f"/api/v1/loans/{loan.pk}/disbursements/"

    def send(**body):
        return client.post(address, {"paid_on": "2023-09-05"} | body, content_type="application/json")

    answer = send(amount=60, seen=0)
    assert answer.status_code == 201
    assert answer.json()["amount"] == 60
    assert send(amount=60, seen=0).status_code == 409
    assert send(amount=60).json() == {"amount": ["Chỉ còn 40\N{NO-BREAK SPACE}đ chưa giải ngân."]}
    for body in ({"amount": 0}, {"amount": "x"}, {"amount": 10**16}, {"amount": 1, "paid_on": "ngày mai"}, {}):
        assert send(**body).status_code == 400
    detail = client.get(f"/api/v1/loans/{loan.pk}/").json()
    assert (detail["disbursed"], [row["amount"] for row in detail["disbursements"]]) == (60, [60])


def test_the_schema_types_loans_and_the_details_of_their_cases(client):
    schema = client.get("/api/v1/schema/", headers={"accept": "application/json"}).json()
    parts = schema["components"]["schemas"]
    assert parts["LoanDetails"]["properties"]["requested"]["type"] == "integer"
    assert parts["LoanDetails"]["properties"]["disbursements"]["type"] == "array"
    assert "/api/v1/loans/summary/" in schema["paths"]


# --- Hindrances and the case page --------------------------------------------------------------------------


def test_the_cooperative_and_its_case_show_the_papers_in_the_way_with_the_way_to_put_them_right(client, staff):
    row = make_cooperative(tax_code="4700990014", charter_review="conforms")
    row.terms.create(started_on=date(2018, 1, 1), ends_on=timezone.localdate() - timedelta(days=1))
    case = make_case(row, topic="loan", title="Vay vốn")
    congress = f"{reverse('support:case-open')}?htx={row.pk}&amp;topic=term_congress"
    for address in (reverse("cooperatives:detail", args=[row.pk]), reverse("support:case", args=[case.reference])):
        page = client.get(address).text
        assert "đã hết ngày" in page
        assert congress in page
    assert client.get(congress.replace("&amp;", "&")).status_code == 200
    client.force_login(make_user("cooperative", cooperative=row))
    page = client.get(reverse("cooperatives:detail", args=[row.pk])).text
    assert "đã hết ngày" in page
    assert congress not in page


def test_the_case_page_leads_to_the_loan_where_later_money_is_recorded(client, staff):
    row = make_cooperative()
    details = {
        "lender": "vbsp", "requested": 100, "submitted_on": date(2023, 3, 20), "result": "approved", "approved": 100,
    }  # fmt: skip
    case = make_case(row, topic="loan", details=details)
    for step in ("start", "complete"):
        client.post(reverse("support:case-step", args=[case.reference]), {"step": step, "version": _version(case)})
    loan = Loan.objects.get()
    page = client.get(reverse("support:case", args=[case.reference])).text
    address = reverse("cooperatives:loan", args=[loan.pk])
    assert f"{address}#ghi-giai-ngan" in page
    assert urlsplit(address).path in page
    client.force_login(make_user("cooperative", cooperative=row))
    assert address not in client.get(reverse("support:case", args=[case.reference])).text


def _version(case) -> int:
    case.refresh_from_db()
    return case.version


def test_administrators_edit_programmes_and_are_remembered(client):
    admin = make_user("admin")
    client.force_login(admin)
    row = LoanProgramme.objects.create(code="a", name_vi="A", valid_from=date(2020, 1, 1))
    address = f"/quan-tri/cooperatives/loanprogramme/{row.pk}/change/"
    form = client.get(address).context["adminform"].form
    sent = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    sent |= {"valid_from": "01/01/2020", "cap_htx": 2_000_000_000}
    assert client.post(address, sent).status_code == 302
    row.refresh_from_db()
    assert (row.cap_htx, row.edited_by) == (2_000_000_000, admin)

"""What changed after a closing is told where it is read: in the next report itself, and on the closed one."""

from datetime import date, datetime
from io import BytesIO
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone
from docx import Document

from cooperatives.models import Disbursement, Loan
from htx_portal.accounts.models import Role
from support_cases.closing_checks import verify_closing
from support_cases.closings import close_period
from support_cases.consultations import Entry, log_consultation
from support_cases.corrections import void_consultation
from support_cases.models import Closing
from support_cases.reports.adjustments import ADJUSTMENTS, RESULTS
from support_cases.reports.answers import Answer, answer
from support_cases.reports.carried import MOST_CARRIED
from support_cases.reports.kinds import ReportKind
from support_cases.reports.periods import ADMINISTRATIVE, MONTH, Period
from support_cases.reports.served import SERVED
from support_cases.reports.summary import SUMMARY
from tests.factories import make_cooperative, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.database]
HERE = ZoneInfo("Asia/Ho_Chi_Minh")
FEBRUARY = {"period": "2025-02", "calendar": ADMINISTRATIVE}


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=HERE)


def log(party, held: date, recorded: date, officer):
    entry = Entry(
        client_id=uuid4(), party=party, held_on=held, channel="phone", topics=("tax",), question="Hỏi",
        outcome="answered",
    )  # fmt: skip
    return log_consultation(entry, by=officer, today=recorded, recorded_at=at(recorded))[0]


def report(kind: ReportKind, code: str, calendar: str = ADMINISTRATIVE) -> Answer:
    return answer(kind, Period.parse(code, calendar), frame="2022", today=timezone.localdate())


@pytest.fixture
def office():
    """A cooperative, an officer and a manager."""
    return make_cooperative(), make_user(), make_user(Role.MANAGER)


@pytest.fixture
def january(office):
    """January 2025 closed with 10 lượt; then one came late, and February had 9."""
    party, officer, manager = office
    rows = [log(party, date(2025, 1, 2 + n), date(2025, 1, 12), officer) for n in range(10)]
    close_period(
        Period.parse("2025-01", ADMINISTRATIVE), by=manager, today=date(2025, 1, 20), now=at(date(2025, 1, 20))
    )
    log(party, date(2025, 1, 5), date(2025, 2, 3), officer)
    for n in range(9):
        log(party, date(2025, 1, 20 + n), date(2025, 2, 3), officer)
    return rows


@pytest.mark.parametrize("kind", [SERVED, SUMMARY], ids=lambda kind: kind.code)
def test_the_next_report_itself_names_the_changes_and_says_what_was_sent(january, office, kind):
    party, officer, _manager = office
    table = report(kind, "2025-02").table("adjusted")
    assert [(row.name, [cell.value for cell in row.cells]) for row in table.rows] == [
        (party.name, ["Ghi muộn", date(2025, 1, 5), date(2025, 2, 3), officer.full_name, ""])
    ]
    assert "Số đã báo cáo kỳ trước là 10 lượt; báo cáo này điều chỉnh +1 lượt." in table.note
    assert "Lũy kế từ đầu năm 20 lượt gồm: đã báo cáo 10; điều chỉnh nêu ở báo cáo này +1;" in table.note
    assert "adjusted" not in [one.code for one in report(kind, "2025-03").own_tables]


def test_page_print_file_and_api_of_the_next_report_name_them_and_the_document_in_its_sentences(
    january, office, client
):
    client.force_login(office[2])
    here = reverse("support:report")
    doors = ["", "tong-hop/", "luot-htx/tep.csv"]
    texts = [client.get(f"{here}{door}", FEBRUARY).content.decode() for door in doors]
    texts.append(client.get("/api/v1/reports/served/tables/", FEBRUARY).content.decode())
    texts.append(client.get(reverse("support:report-print", args=[SERVED]), FEBRUARY).content.decode())
    assert all("Số đã báo cáo kỳ trước là 10 lượt; báo cáo này điều chỉnh +1 lượt." in text for text in texts)
    book = Document(BytesIO(client.get(f"{here}luot-htx/tep.docx", FEBRUARY).content))
    said = next(one.text for one in book.paragraphs if one.text.startswith("Trong kỳ đã tư vấn"))
    assert "So với kỳ trước (11 lượt)" in said
    assert "Số đã báo cáo kỳ trước là 10 lượt; báo cáo này điều chỉnh +1 lượt." in said


def test_a_closing_of_the_next_report_keeps_what_it_named(january, office):
    now = at(date(2025, 2, 20))
    february = Period.parse("2025-02", ADMINISTRATIVE)
    closing = close_period(february, by=office[2], today=date(2025, 2, 20), now=now)
    before = report(SERVED, "2025-02").table("adjusted")
    void_consultation(january[0], by=office[1], reason="Ghi nhầm", now=at(date(2025, 3, 1)))
    assert report(SERVED, "2025-02").table("adjusted") == before
    assert verify_closing(closing).holds
    changes = report(SERVED, "2025-03").table("adjusted")
    assert [row.cells[0].value for row in changes.rows] == ["Hủy hoặc thay"]


def test_a_closing_from_before_these_figures_were_kept_still_shows_them(january, office):
    close_period(Period.parse("2025-02", ADMINISTRATIVE), by=office[2], today=date(2025, 2, 20))
    before = report(SERVED, "2025-02").tables
    closing = Closing.objects.get(first="2025-02")
    del closing.figures["adjustments"]["sent"]
    closing.save()
    assert [one.code for one in report(SERVED, "2025-02").tables] == [one.code for one in before]
    del closing.figures["adjustments"]
    closing.save()
    assert report(SERVED, "2025-02").tables == before


def test_a_long_list_is_cut_and_says_where_all_of_it_is(january, office):
    for row in january:
        void_consultation(row, by=office[1], reason="Ghi nhầm", now=at(date(2025, 2, 4)))
    table = report(SERVED, "2025-02").table("adjusted")
    assert len(table.rows) == MOST_CARRIED
    assert "Còn 1 điều chỉnh nữa. Xem đủ ở báo cáo “Điều chỉnh số liệu đã chốt” của kỳ này." in table.note
    assert len(report(ADJUSTMENTS, "2025-02").table("entry").rows) == MOST_CARRIED + 1


def test_a_page_does_not_search_through_all_that_was_ever_recorded(january, monkeypatch):
    before = report(ADJUSTMENTS, "2025-02").figures
    monkeypatch.setattr("support_cases.reports.late_changes.MOST_RECORDED", 5)
    table = report(SERVED, "2025-02").table("adjusted")
    assert (table.rows, table.note) == ((), "Xem đủ ở báo cáo “Điều chỉnh số liệu đã chốt” của kỳ này.")
    assert report(ADJUSTMENTS, "2025-02").figures == before


def test_other_reports_are_asked_no_more_queries_where_nothing_changed(office, django_assert_max_num_queries):
    found = report(SERVED, "2025-02")
    assert found.own_tables
    with django_assert_max_num_queries(3):
        assert found.tables == found.own_tables


# ------------------------------------------------------------------- results


@pytest.fixture
def paid_out(office):
    """A disbursement of June 2023, in the figures of eight months that were closed, and dropped since."""
    party, officer, manager = office
    loan = Loan.objects.create(
        cooperative=party, lender="vbsp", requested=770_000_000, submitted_on=date(2023, 2, 1), approved=770_000_000,
        result="approved", disbursed=770_000_000,
    )  # fmt: skip
    rows = [
        Disbursement.objects.create(loan=loan, paid_on=day, amount=amount, recorded_at=at(day))
        for day, amount in ((date(2023, 3, 1), 620_000_000), (date(2023, 6, 20), 150_000_000))
    ]
    close_period(Period.parse("2023-8M", MONTH), by=manager, today=date(2023, 9, 9), now=at(date(2023, 9, 9)))
    Disbursement.objects.filter(pk=rows[1].pk).update(
        voided_at=timezone.now(), voided_by=officer, void_reason="Ghi nhầm"
    )
    return rows[1]


def test_money_sent_that_stands_otherwise_is_named_with_its_difference_in_the_next_report(paid_out, office):
    found = report(ADJUSTMENTS, "2023-09", MONTH)
    told = [(str(row.name), [cell.value for cell in row.cells[1:]]) for row in found.table("results").rows]
    paid = [(name, numbers) for name, (what, *numbers) in told if what == "Tiền giải ngân (đồng)"]
    bank = Loan.objects.get().get_lender_display()
    assert sorted(paid) == [
        ("01/2023 – 08/2023 · 06/2023", [150_000_000, 0, -150_000_000]),
        (f"01/2023 – 08/2023 · {bank}", [770_000_000, 620_000_000, -150_000_000]),
    ]


def test_a_closing_whose_report_told_of_money_still_holds_when_the_money_changes_again(paid_out, office):
    closing = close_period(Period.parse("2023-09", MONTH), by=office[2], today=date(2023, 10, 9))
    told = closing.figures["adjustments"][RESULTS]
    assert told
    Disbursement.objects.filter(pk=paid_out.pk).update(voided_at=None, voided_by=None, void_reason="")
    assert verify_closing(closing).holds
    assert report(ADJUSTMENTS, "2023-09", MONTH).figures[RESULTS] == told


@pytest.mark.parametrize("slug", ["tong-hop", "ket-qua-theo-noi-dung"])
def test_the_page_of_a_closed_report_says_that_the_register_says_otherwise_and_what_is_sent_does_not(
    paid_out, office, client, slug
):
    client.force_login(office[2])
    asked = {"period": "2023-8M"}
    here = reverse("support:report")
    code = {"tong-hop": "summary"}.get(slug, "outcomes")
    page = client.get(f"{here}{slug}/", asked).text
    assert "Sổ hôm nay khác số đã chốt ở" in page
    assert "đã chốt 770.000.000, nay 620.000.000" in page
    doors = (f"{here}{slug}/tep.csv", f"{here}{slug}/in/", f"/api/v1/reports/{code}/tables/")
    texts = [client.get(door, asked).content.decode() for door in doors]
    texts.append(client.get(f"{here}{slug}/", asked | {"as_of": "2023-09-30"}).text)
    for text in texts:
        assert "Sổ hôm nay" not in text
        assert "770000000" in text.replace(".", "")

"""What was sent can be shown and counted again, byte for byte, whatever happened since."""

import json
import random
import re
from datetime import date, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from cooperatives.models import find_commune
from cooperatives.register import enter_cooperative
from htx_portal.accounts.models import Role
from support_cases.closing_checks import by_hand_differences, verify_closing
from support_cases.closings import close_period, keep_figures, reopen_period
from support_cases.corrections import void_consultation
from support_cases.models import CaseEvent, Closing, Consultation
from support_cases.reports.answers import answer
from support_cases.reports.attention import ATTENTION
from support_cases.reports.kinds import ReportKind
from support_cases.reports.periods import ADMINISTRATIVE, MONTH, Month, Period
from support_cases.reports.registry import REPORTS
from support_cases.reports.summary import SUMMARY
from support_cases.reports.workload import WORKLOAD
from support_cases.workflow import take_step
from tests.factories import (
    load_reference_units,
    make_case,
    make_consultation,
    make_cooperative,
    make_founding_group,
    make_user,
)
from tests.racing import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.database]
HERE = ZoneInfo("Asia/Ho_Chi_Minh")
JUNE = Period(MONTH, Month(2024, 6), Month(2024, 6))
SENT = datetime(2024, 7, 10, 16, 0, tzinfo=HERE)
ADDRESSES = (
    "/api/v1/reports/served/?period=2024-06",
    "/api/v1/reports/served/?period=2024-06&as_of=2024-07-15&frame=2025",
    "/bao-cao/xuat.xlsx?period=2024-06&as_of=2024-07-15",
    "/bao-cao/bien-dong-ho-so/?period=2024-06&as_of=2024-07-15",
)


def record_a_month() -> None:
    """A month of entries, some of them corrected, and a case on its way."""
    load_reference_units()
    officer = make_user(full_name="Bàn Thị Một")
    for number, code in enumerate(("02041", "01933", "02146")):
        party = make_cooperative(f"HTX {number}", commune=find_commune(code, date(2024, 1, 1)))
        for day in (3, 11, 25):
            _log(party, date(2024, 6, day), officer)
    case = make_case(party, by=officer, today=date(2024, 6, 3), topic="tax")
    take_step(case, "start", by=officer, today=date(2024, 6, 4))


def _log(party, held: date, officer, recorded: datetime | None = None, topics=("tax", "ocop")) -> Consultation:
    row = make_consultation(party, by=officer, held_on=held, topics=list(topics), today=max(held, date(2024, 6, 30)))
    recorded = recorded or datetime(held.year, held.month, held.day, 10, tzinfo=HERE)
    Consultation.objects.filter(pk=row.pk).update(recorded_at=recorded)
    return row


def change_everything() -> None:
    """What may happen after a month was sent: late and voided entries, a move, another name, newcomers to the register
    of whom little is known yet.
    """
    row = Consultation.objects.order_by("pk").first()
    late = datetime(2024, 7, 12, 9, 0, tzinfo=HERE)
    _log(row.cooperative, date(2024, 6, 28), row.officer, recorded=late, topics=["loan"])
    void_consultation(row, by=row.officer, reason="Ghi nhầm", now=timezone.now())
    enter_cooperative(row.cooperative, today=timezone.localdate(), commune_code="01864")
    type(row.officer).objects.filter(pk=row.officer_id).update(full_name="Bàn Thị Tên Khác")
    make_cooperative("HTX Chưa biết ngày", commune=find_commune("02041", date(2024, 1, 1)), registered_on=None)
    make_cooperative("HTX Mới", commune=find_commune("02041", date(2024, 1, 1)), registered_on=date(2024, 1, 2))
    make_founding_group()


@pytest.fixture
def manager():
    """Who closes and looks."""
    return make_user(Role.MANAGER)


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def sent_by(client, address: str) -> bytes:
    """What an address answers, without the token of the forms, which is another one each time."""
    return re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", client.get(address).content)


def test_every_door_says_to_the_byte_what_was_sent_whatever_happened_since(client, manager):
    record_a_month()
    close_period(JUNE, by=manager, today=timezone.localdate(), now=SENT)
    client.force_login(manager)
    before = {address: sent_by(client, address) for address in ADDRESSES}
    printed = run("monthly_report", "--period", "2024-06", "--report", "all", "--format", "json")
    change_everything()
    client.force_login(manager)
    for address in ADDRESSES:
        assert sent_by(client, address) == before[address], address
    assert run("monthly_report", "--period", "2024-06", "--report", "all", "--format", "json") == printed
    assert b"B\xc3\xa0n Th\xe1\xbb\x8b M\xe1\xbb\x99t" in before[ADDRESSES[0]]


def doors_of(kind: ReportKind) -> list[str]:
    """Every address under which a report on June is sent on: three files, paper, programs."""
    page, asked = f"/bao-cao/{kind.slug}", "?period=2024-06"
    files = [f"{page}/tep.{extension}{asked}" for extension in ("xlsx", "csv", "docx")]
    return [*files, f"{page}/in/{asked}", f"/api/v1/reports/{kind.code}/tables/{asked}"]


def test_what_was_sent_of_any_report_stays_as_it_was_without_a_day_asked_for_and_only_its_page_says_more(
    client, manager
):
    record_a_month()
    close_period(JUNE, by=manager, today=timezone.localdate(), now=SENT)
    client.force_login(manager)
    doors = [door for kind in REPORTS.values() for door in doors_of(kind)]
    before = {door: sent_by(client, door) for door in doors}
    change_everything()
    client.force_login(manager)
    assert [door for door in doors if sent_by(client, door) != before[door]] == []
    for kind in (SUMMARY, WORKLOAD):
        assert "Sổ hôm nay khác số đã chốt ở" in client.get(f"/bao-cao/{kind.slug}/?period=2024-06").text
    assert "Có 1 lượt ghi sau khi chốt" in client.get("/bao-cao/?period=2024-06").text


def test_a_closing_is_counted_again_from_the_rows_and_holds(manager):
    record_a_month()
    closing = close_period(JUNE, by=manager, today=timezone.localdate(), now=SENT)
    change_everything()
    verdict = verify_closing(closing)
    assert (verdict.intact, verdict.differences, verdict.not_kept) == (True, [], [])
    printed = run("monthly_report", "--period", "2024-06", "--as-of", "2024-07-15", "--verify")
    assert "khớp" in printed
    assert closing.digest in printed
    assert "Đã đối chiếu 1 kỳ: khớp." in run("check_closings")


def test_what_was_asked_before_a_closing_and_done_after_it_is_written_down_after_it(manager):
    record_a_month()
    row, clicked = Consultation.objects.earliest("pk"), timezone.now()
    closing = close_period(JUNE, by=manager, today=timezone.localdate())
    void_consultation(row, by=row.officer, reason="Ghi nhầm", now=clicked)
    assert Consultation.objects.get(pk=row.pk).voided_at >= closing.closed_at
    assert verify_closing(closing).differences == []


def test_a_row_changed_behind_the_back_of_the_portal_is_found_and_named(manager):
    record_a_month()
    closing = close_period(JUNE, by=manager, today=timezone.localdate(), now=SENT)
    Consultation.objects.filter(held_on=date(2024, 6, 3)).update(channel="letter")
    wrong = {(one.report, one.dimension, one.key): (one.then, one.now) for one in verify_closing(closing).differences}
    assert wrong["served", "channel", "letter"] == (None, [3, 3])
    assert wrong["served", "channel", "office"] == ([9, 3], [6, 3])
    with pytest.raises(CommandError):
        run("monthly_report", "--period", "2024-06", "--verify")
    with pytest.raises(CommandError):
        run("check_closings")


def test_figures_changed_in_the_closing_itself_no_longer_have_their_digest(manager):
    record_a_month()
    closing = close_period(JUNE, by=manager, today=timezone.localdate(), now=SENT)
    closing.figures["served"]["total"][""] = [108, 46]
    closing.save()
    assert not verify_closing(closing).intact
    with pytest.raises(CommandError):
        run("monthly_report", "--period", "2024-06", "--verify")


def test_a_period_closed_before_figures_were_kept_gets_those_of_its_closing(manager):
    record_a_month()
    change_everything()
    closing = Closing.objects.create(calendar=MONTH, first="2024-06", last="2024-06", closed_at=SENT, closed_by=manager)
    with pytest.raises(CommandError):
        run("check_closings")
    assert "đã lưu số liệu như lúc chốt" in run("check_closings", "--keep-missing")
    closing.refresh_from_db()
    assert closing.figures["served"]["total"] == {"": [9, 3]}
    assert not keep_figures(closing.pk, timezone.now())


def test_the_command_prints_the_figures_of_the_page_and_refuses_what_it_cannot_read(manager):
    record_a_month()
    printed = run("monthly_report", "--period", "2024-06", "--calendar", "month")
    assert "Tháng 06/2024 (01/06/2024 – 30/06/2024)" in printed
    assert next(line.split() for line in printed.splitlines() if line.startswith("huyện Chợ Đồn")) == [
        "huyện", "Chợ", "Đồn", "3", "1",
    ]  # fmt: skip
    figures = json.loads(run("monthly_report", "--period", "2024-06", "--format", "json"))
    assert (figures["from"], figures["figures"]["served"]["total"]) == ("2024-06-01", {"": [9, 3]})
    for wrong in (["--period", "2024-13"], ["--period", "2024-06", "--as-of", "31/02/2024"]):
        with pytest.raises(CommandError):
            run("monthly_report", *wrong)


def test_the_command_prints_as_json_what_the_page_says_of_a_running_period_and_of_a_past_day(manager):
    record_a_month()
    today = timezone.localdate()
    make_case(make_cooperative(), by=manager, today=date(2024, 6, 3), due_on=date(2024, 6, 20))
    CaseEvent.objects.update(recorded_at=datetime(2024, 6, 3, 9, tzinfo=HERE))
    make_case(make_cooperative(), by=manager, today=today, due_on=today)
    for named, as_of in (("2024-06", date(2024, 6, 20)), (str(Month.containing(today, MONTH)), None)):
        day = ["--as-of", str(as_of)] if as_of else []
        printed = run("monthly_report", "--period", named, *day, "--report", "attention", "--format", "json")
        page = answer(ATTENTION, Period.parse(named, MONTH), frame="2022", today=today, as_of=as_of)
        assert json.loads(printed)["figures"]["attention"] == page.figures
        assert page.table("totals").value("open", "cases") > 0


def test_the_command_finds_the_calendar_a_period_was_closed_in(manager):
    record_a_month()
    june = Period(ADMINISTRATIVE, Month(2024, 6), Month(2024, 6))
    close_period(june, by=manager, today=timezone.localdate(), now=SENT)
    assert "15/05/2024 – 14/06/2024" in run("monthly_report", "--period", "2024-06", "--verify")
    assert "chưa chốt" in run("monthly_report", "--period", "2024-06", "--calendar", "month", "--verify")


@pytest.mark.parametrize("seed", range(3))
def test_counting_by_sql_and_one_entry_after_another_agree(seed):
    chance = random.Random(seed)
    load_reference_units()
    places = [find_commune(code, date(2023, 1, 1)) for code in ("02041", "01933", "01864")]
    parties = [*(make_cooperative(commune=place) for place in places), make_founding_group(formed_on=date(2021, 1, 1))]
    officers = [make_user(), make_user()]
    for _ in range(50):
        held = date(2022, 1, 1) + timedelta(days=chance.randrange(1000))
        topics = chance.sample(["tax", "ocop", "loan"], chance.randint(1, 3))
        row = _log(chance.choice(parties), held, chance.choice(officers), topics=topics)
        if chance.random() < 0.2:
            void_consultation(row, by=officers[0], reason="Ghi nhầm", now=datetime(2024, 1, 5, 9, tzinfo=HERE))
    enter_cooperative(parties[0], today=timezone.localdate(), commune_code="02146")
    for code in ("2023-06", "2023-Q2", "2023", "2024-8M"):
        for calendar in (MONTH, ADMINISTRATIVE):
            for moment in (None, datetime(2023, 9, 1, tzinfo=HERE), datetime(2024, 1, 6, tzinfo=HERE)):
                assert by_hand_differences(Period.parse(code, calendar), moment) == []
    across = Period(MONTH, Month(2022, 11), Month(2024, 2))
    days = Period.from_day_to_day(MONTH, date(2023, 2, 3), date(2023, 7, 19))
    assert by_hand_differences(across, None) == by_hand_differences(days, None) == []


@pytest.mark.django_db(transaction=True)
def test_an_entry_under_way_while_a_month_is_closed_is_sent_or_named_and_never_lost(manager):
    parties, officer = [make_cooperative() for _ in range(4)], make_user()
    today = timezone.localdate()
    month = Month.containing(today, MONTH).plus(-1)
    period = Period(MONTH, month, month)
    held = period.end

    def log(party):
        for _ in range(4):
            make_consultation(party, by=officer, held_on=held)

    results = at_once(
        *((lambda p=party: log(p)) for party in parties),
        lambda: close_period(period, by=manager, today=today).pk,
    )
    assert [found for found in results if isinstance(found, Exception)] == []
    closing = Closing.objects.get()
    sent = closing.figures["served"]["total"].get("", [0, 0])[0]
    late = Consultation.objects.counted().late(closing.closed_at, None).count()
    assert sent + late == Consultation.objects.count() == 16
    assert verify_closing(closing).holds


@pytest.mark.django_db(transaction=True)
def test_of_many_who_close_a_month_at_once_one_does(manager):
    make_consultation(held_on=date(2024, 6, 3))

    def close():
        return close_period(JUNE, by=manager, today=timezone.localdate()).pk

    results = at_once(*[close] * 4)
    assert sorted(type(found).__name__ for found in results) == ["AlreadyClosed"] * 3 + ["int"]
    closing = Closing.objects.get()
    reopened = at_once(*[lambda: reopen_period(closing, by=manager, reason="Thiếu", now=timezone.now()).pk] * 3)
    assert sorted(type(found).__name__ for found in reopened) == ["NotAllowedNow"] * 2 + ["int"]


@pytest.mark.parametrize("part", ["figures", "names", "rule"])
def test_whatever_is_changed_of_what_was_sent_breaks_its_digest(part):
    record_a_month()
    closing = close_period(JUNE, by=make_user(Role.MANAGER), today=date(2024, 7, 10), now=SENT)
    assert verify_closing(closing).intact
    if part == "figures":
        closing.figures["served"]["total"][""] = [10, 3]
    elif part == "names":
        closing.names["officer"] = dict.fromkeys(closing.names["officer"], "Người khác")
    else:
        closing.names["rule"]["flow"] = "Cách tính khác."
    closing.save()
    assert not verify_closing(Closing.objects.get(pk=closing.pk)).intact


def test_every_door_prints_the_rule_a_period_was_closed_by(client):
    record_a_month()
    manager = make_user(Role.MANAGER)
    closing = close_period(JUNE, by=manager, today=date(2024, 7, 10), now=SENT)
    assert set(closing.names["rule"]) == set(closing.figures)
    then = {"served": "Cách tính lúc ấy.", "flow": "Cách tính hồ sơ lúc ấy."}
    Closing.objects.filter(pk=closing.pk).update(names=closing.names | {"rule": then})
    client.force_login(manager)
    assert client.get("/api/v1/reports/served/?period=2024-06").json()["rule"] == then["served"]
    assert client.get("/api/v1/reports/flow/?period=2024-06").json()["rule"] == then["flow"]
    assert then["flow"] in client.get("/bao-cao/bien-dong-ho-so/?period=2024-06").content.decode()
    assert then["flow"] in run("monthly_report", "--period", "2024-06", "--report", "flow")

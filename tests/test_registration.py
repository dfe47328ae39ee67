"""Registration cases: the catalogue, what is refused and warned of, the terms, and the register afterwards."""

import csv
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from cooperatives.calendar import WorkCalendar, add_months
from cooperatives.choices import LegalStatus
from cooperatives.errors import InvalidEntry, NotAllowedNow
from cooperatives.governance.obligations import obligations_of
from cooperatives.models import (
    Branch,
    Cooperative,
    FoundingGroup,
    Holiday,
    LegalRule,
    Procedure,
    RegistrationChange,
    RegistrationProcedure,
    Suspension,
)
from cooperatives.models.procedures import Effect
from cooperatives.registration import appointment_day, capital_terms, filing_day, refusal_grounds
from support_cases.choices import Status
from support_cases.models import Case, ChecklistRule
from support_cases.public_status import status_of
from support_cases.support_types import SUPPORT_TYPES
from support_cases.support_types.registration import rules as of
from tests.contents import everything, nothing_written
from tests.factories import make_cooperative, make_founding_group, make_user
from tests.kept import put_reference
from tests.racing import at_once
from tests.registrations import ANSWERED, OPENED, TODAY, WAY, finish, papers_in, registration, step, walk, write

pytestmark = [pytest.mark.django_db, pytest.mark.database]

KIND = SUPPORT_TYPES["registration"]
ONE_DAY = timedelta(days=1)
NEW_LAW = date(2024, 7, 1)
MERGER = date(2025, 7, 1)
ALL_DAYS = [date(2020, 1, 1) + ONE_DAY * n for n in range((date(2027, 12, 31) - date(2020, 1, 1)).days + 1)]
CERTIFICATE = {"certificate_no": "0102", "certificate_on": ANSWERED}
FOUNDED = {"name": "Hợp tác xã Chè Khuổi Slao", "members": 8, **CERTIFICATE}


@pytest.fixture(autouse=True)
def reference(request, db):
    """The shipped rules, catalogue, papers, agencies and holidays."""
    put_reference()


@pytest.fixture
def cooperative(db):
    return make_cooperative(
        "Hợp tác xã Đồng Phúc", charter_capital=900_000_000, representative="Ông Một", certificate_no="13A8000101"
    )


def refused(act) -> list[str]:
    """The reasons for which a step is refused, and nothing written."""
    with nothing_written(), pytest.raises(NotAllowedNow) as refusal:
        act()
    return refusal.value.problems


def wrong(party, procedure="found", **details) -> dict[str, list[str]]:
    """The messages by column with which details are refused, and nothing written."""
    by = make_user()
    with nothing_written(), pytest.raises(InvalidEntry) as refusal:
        registration(party, procedure, by=by, **details)
    return {name: [str(said) for said in found] for name, found in refusal.value.problems.items()}


def history(cooperative) -> list[tuple]:
    """What changed of a cooperative: fact, before, after, since when; in the order of the facts."""
    rows = RegistrationChange.objects.filter(cooperative=cooperative).order_by("fact")
    return [(row.fact, row.old, row.new, row.changed_on) for row in rows]


def register() -> dict:
    """Every row of the register, as it stands."""
    return {table: rows for table, rows in everything().items() if table.startswith("cooperatives_")}


# --- The catalogue --------------------------------------------------------------------------------


@pytest.mark.once
def test_every_procedure_has_at_most_one_row_on_every_day_from_2020_to_2027():
    spans = {}
    for row in RegistrationProcedure.objects.all():
        spans.setdefault(row.code, []).append((row.valid_from, row.valid_to or date.max))
    assert spans.keys() == set(Procedure.values)
    for code, found in spans.items():
        held = [sum(first <= day <= last for first, last in found) for day in ALL_DAYS]
        assert max(held) == 1, code
        assert all(held[ALL_DAYS.index(NEW_LAW) :]), code


@pytest.mark.parametrize("day", [date(2020, 1, 1), date(2024, 6, 30), NEW_LAW, date(2027, 12, 31)])
def test_the_one_row_of_a_day_is_found(day):
    for code in Procedure.values:
        rows = [
            r
            for r in RegistrationProcedure.objects.filter(code=code)
            if r.valid_from <= day <= (r.valid_to or date.max)
        ]
        assert [RegistrationProcedure.objects.of(code, day)] == (rows or [None])


def test_a_row_that_overlaps_another_is_refused_beside_its_first_day():
    there = RegistrationProcedure.objects.of("found", NEW_LAW)
    for first, last in ((date(2024, 1, 1), None), (date(2030, 1, 1), None), (date(2023, 1, 1), date(2024, 7, 1))):
        row = RegistrationProcedure(code="found", name_vi="X", who="htx", valid_from=first, valid_to=last)
        with pytest.raises(ValidationError) as refusal:
            row.full_clean()
        assert list(refusal.value.message_dict) == ["valid_from"]
    there.full_clean()
    RegistrationProcedure(
        code="update", name_vi="X", who="htx", valid_from=date(2023, 1, 1), valid_to=date(2024, 6, 30)
    ).full_clean()


def test_every_row_has_papers_of_its_own_and_every_term_can_be_read():
    for row in RegistrationProcedure.objects.all():
        papers = ChecklistRule.objects.in_force(row.valid_to or row.valid_from).filter(
            topic="registration", variant=row.code
        )
        assert papers.exists(), row.code
        assert row.effect in Effect.values
        assert row.processing(row.valid_from) is not None
        assert row.exempt_from <= {*LegalStatus.values, "violation"}
        assert (row.deadline(row.valid_from) is not None) is bool(row.deadline_rule or row.deadline_days is not None)


@pytest.mark.parametrize("code", Procedure.values)
@pytest.mark.once
def test_a_case_of_each_procedure_asks_for_the_papers_of_the_file(cooperative, code):
    with (settings.FIXTURES_DIR / "reference" / "checklist.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if (row["topic"], row["variant"]) == ("registration", code)]
    wanted = [row["code"] for row in rows if row["valid_from"] == "2024-07-01"]
    case = registration(cooperative, code)
    assert list(case.checklist.values_list("code", flat=True)) == wanted


def test_another_procedure_brings_its_papers_and_keeps_those_that_had_come():
    case = papers_in(registration(make_cooperative(), "change"))
    case = write(case, procedure="change_representative")
    shown = [(paper.code, paper.received_on is not None) for paper in case.checklist.filter(dropped_on=None)]
    assert shown == [
        ("minutes", True),
        ("resolution", True),
        ("legal_representative_list", False),
        ("representative_application", False),
    ] or sorted(shown) == sorted(
        [
            ("minutes", True),
            ("resolution", True),
            ("legal_representative_list", False),
            ("representative_application", False),
        ]
    )


@pytest.mark.parametrize(
    ("code", "day", "exists"),
    [
        ("tax_data", date(2024, 6, 30), False),
        ("tax_data", NEW_LAW, True),
        ("found_tht", date(2024, 6, 30), False),
        ("found", date(2024, 6, 30), True),
        ("found", date(2010, 1, 1), True),  # before the catalogue begins nothing is known, so nothing is refused
    ],
)
def test_a_procedure_the_law_of_the_day_does_not_have_is_refused(cooperative, code, day, exists):
    opened = {"opened_on": max(day, date(2021, 4, 1)), "event_on": day}
    if exists:
        assert registration(cooperative, code, **opened).event_on == day
    else:
        said = f"Theo luật có hiệu lực ngày {day:%d/%m/%Y} không có thủ tục này."
        assert wrong(cooperative, code, **opened) == {"procedure": [said]}


# --- Terms, against walks from day to day -----------------------------------------------------------

some_day = st.integers(0, 700).map(lambda n: date(2025, 1, 1) + timedelta(days=n))
holidays = st.lists(some_day, max_size=80)


def is_worked(day: date, off) -> bool:
    return day.isoweekday() < 6 and day not in off


def walked(start: date, count: int, off, *, worked_only: bool) -> date:
    """Count off days one by one; a term of days ends on the first worked day."""
    day = start
    while count:
        day += ONE_DAY
        count -= not worked_only or is_worked(day, off)
    while not is_worked(day, off) and not (worked_only and day == start):
        day += ONE_DAY
    return day


@given(holidays, some_day, st.integers(0, 90), st.sampled_from(["working_day", "calendar_day"]), st.randoms())
@pytest.mark.once
def test_papers_filed_after_the_event_have_until_the_day_counted_off(off, event, days, unit, chance):
    chance.shuffle(off)
    row = RegistrationProcedure(deadline_days=days, deadline_unit=unit, deadline_side="after")
    expected = walked(event, days, off, worked_only=unit == "working_day")
    assert filing_day(row, event, event, WorkCalendar(off)) == expected


@given(holidays, some_day, st.integers(1, 20))
@pytest.mark.once
def test_a_notice_before_the_event_leaves_so_many_worked_days_from_the_day_after_it_on(off, event, days):
    row = RegistrationProcedure(deadline_days=days, deadline_unit="working_day", deadline_side="before")
    last = filing_day(row, event, event, WorkCalendar(off))
    candidates = [event - ONE_DAY * n for n in range(400)]

    def between(day):
        return sum(is_worked(day + ONE_DAY * n, off) for n in range(1, (event - day).days + 1))

    assert last == next(day for day in candidates if is_worked(day, off) and between(day) >= days)


@given(holidays, some_day, st.integers(0, 20))
@pytest.mark.once
def test_the_answer_is_due_so_many_worked_days_after_the_filing(off, filed, days):
    row = RegistrationProcedure(processing_days=days, processing_unit="working_day")
    assert appointment_day(row, filed, WorkCalendar(off)) == walked(filed, days, off, worked_only=True)


@given(holidays, some_day)
@effort(max_examples=30)
@pytest.mark.once
def test_members_have_six_months_and_then_thirty_days(off, issued):
    terms = capital_terms(issued, WorkCalendar(off))
    same_day = date(issued.year + (issued.month > 6), (issued.month + 5) % 12 + 1, 1)
    month = [same_day + ONE_DAY * n for n in range(31) if (same_day + ONE_DAY * n).month == same_day.month]
    raw = month[min(issued.day, len(month)) - 1]
    pay_by = walked(raw, 0, off, worked_only=False)
    assert (terms.pay_by, terms.reregister_by) == (pay_by, walked(pay_by, 30, off, worked_only=False))


def test_the_old_law_knows_no_term_for_the_capital():
    assert capital_terms(date(2024, 6, 30), WorkCalendar()) is None


@given(holidays, st.integers(0, 300), st.integers(0, 100))
@effort(max_examples=20)
@pytest.mark.once
def test_supplements_may_come_for_sixty_days_and_not_a_day_longer(off, asked_after, waited):
    Holiday.objects.all().delete()
    Holiday.objects.bulk_create(Holiday(day=day, name="Nghỉ") for day in set(off))
    asked = OPENED + timedelta(days=asked_after)
    case = walk(registration(make_cooperative(), "change"), "start", "submit", on=OPENED)
    case = step(case, "request_papers", asked)
    deadline = walked(asked, 60, off, worked_only=False)
    day = min(asked + timedelta(days=waited), TODAY)
    assert of.supplement_deadline(case) == deadline
    said = [str(words) for words in KIND.warnings_before("papers_received", case, day)]
    late = f"Đã quá hạn bổ sung (hết ngày {deadline:%d/%m/%Y}): hồ sơ cũ không còn giá trị, phải nộp lại từ đầu."
    assert said == ([late] if day > deadline else [])


# --- Steps: what is refused and what is warned of ----------------------------------------------------


def test_supplements_that_come_too_late_need_a_reason_and_end_the_old_dossier(cooperative):
    case = walk(registration(cooperative, "change"), "start", "submit", on=date(2025, 9, 8))
    case = step(case, "request_papers", date(2025, 9, 10))
    assert case.details.supplement_asked_on == date(2025, 9, 10)
    last = date(2025, 11, 10)  # 9/11/2025 is a Sunday
    late = [
        "Đã quá hạn bổ sung (hết ngày 10/11/2025): hồ sơ cũ không còn giá trị, phải nộp lại từ đầu.",
        "Nếu vẫn tiếp tục, hãy ghi lý do vào ghi chú.",
    ]
    hint = KIND.guidance(case, last)[0]
    assert (str(hint.text), hint.tone) == (
        "Còn 0 ngày để bổ sung (hết ngày 10/11/2025), quá hạn hồ sơ không còn giá trị.",
        "warn",
    )
    assert refused(lambda: step(case, "papers_received", last + ONE_DAY)) == late
    over = KIND.guidance(case, last + ONE_DAY)[0]
    assert str(over.text) == "Quá hạn bổ sung từ ngày 10/11/2025: hồ sơ không còn giá trị, phải nộp lại từ đầu."
    again = step(case, "papers_received", last + ONE_DAY, "Đường sạt lở, HTX không ra xã được")
    assert again.events.last().note.splitlines()[1] == f"Đã tiếp tục dù: {late[0]}"
    # The old dossier and its term are over: filing anew is nothing to be warned of.
    assert (again.details.supplement_asked_on, again.milestone) == (None, "preparing")
    assert step(again, "submit", last + ONE_DAY).status == "submitted"


def test_supplements_in_time_go_on_with_the_same_dossier_until_it_is_filed_again(cooperative):
    case = walk(registration(cooperative, "change"), "start", "submit", on=date(2025, 9, 8))
    case = step(case, "request_papers", date(2025, 9, 10))
    case = step(case, "papers_received", date(2025, 11, 10))
    assert refused(lambda: step(case, "submit", date(2025, 11, 11)))[0].startswith("Đã quá hạn bổ sung")
    case = step(case, "submit", date(2025, 11, 10))
    assert case.details.supplement_asked_on is None


def test_papers_asked_for_before_filing_have_no_such_term(cooperative):
    case = step(registration(cooperative, "change"), "start")
    case = step(case, "request_papers", OPENED)
    assert (case.details.supplement_asked_on, of.supplement_deadline(case)) == (None, None)


def test_the_old_law_has_no_such_term(cooperative):
    day = date(2024, 3, 4)
    case = walk(registration(cooperative, "change", opened_on=day), "start", "submit", on=day)
    case = step(case, "request_papers", day)
    assert of.supplement_deadline(case) is None
    assert step(case, "papers_received", date(2026, 3, 4)).status == "advising"


@pytest.mark.parametrize(
    ("procedure", "details", "last"),
    [
        ("change", {"changed_on": date(2025, 9, 8)}, date(2025, 9, 18)),
        ("change_representative", {"changed_on": date(2025, 9, 10)}, date(2025, 9, 22)),  # the 20th is a Saturday
        ("business_lines", {"changed_on": date(2025, 9, 8)}, date(2025, 9, 18)),
        ("branch", {"changed_on": date(2025, 9, 8)}, date(2025, 9, 18)),
        ("found_tht", {"changed_on": date(2025, 9, 8)}, date(2025, 9, 15)),
        ("dissolve", {"changed_on": date(2025, 9, 8)}, date(2025, 9, 15)),
        ("suspend", {"suspended_from": date(2025, 9, 18)}, date(2025, 9, 15)),
        ("resume", {"changed_on": date(2025, 9, 22)}, date(2025, 9, 17)),
        ("change", {"changed_on": date(2024, 6, 3), "opened_on": date(2024, 6, 4)}, date(2024, 6, 18)),
    ],
)
@pytest.mark.once
def test_papers_filed_a_day_too_late_need_a_reason(cooperative, procedure, details, last):
    case = papers_in(registration(cooperative, procedure, **details))
    case = step(case, "start")
    said = refused(lambda: step(case, "submit", last + ONE_DAY))
    assert said[0].startswith("Nộp muộn: ")
    assert f"{last:%d/%m/%Y}" in said[0]
    assert step(case, "submit", last).status == "submitted"


@pytest.mark.parametrize("procedure", ["found", "reissue", "update", "correct", "stop", "capital"])
@pytest.mark.once
def test_what_has_no_deadline_is_never_late(cooperative, procedure):
    case = papers_in(registration(cooperative, procedure, changed_on=date(2025, 1, 6)))
    assert step(step(case, "start"), "submit", date(2026, 11, 23)).status == "submitted"


def test_filing_notes_the_registrar_of_place_and_day_and_when_the_answer_is_due(cooperative):
    before = walk(
        registration(cooperative, "change", opened_on=date(2025, 6, 27)), "start", "submit", on=date(2025, 6, 30)
    )
    after = walk(registration(cooperative, "change", opened_on=date(2025, 6, 27)), "start", "submit", on=MERGER)
    assert (before.receiving_agency, after.receiving_agency) == (
        "Phòng Tài chính – Kế hoạch huyện Ba Bể",
        "Phòng Kinh tế xã Đồng Phúc",
    )
    assert (before.appointment_on, after.appointment_on) == (date(2025, 7, 3), date(2025, 7, 4))
    old = walk(registration(cooperative, "change", opened_on=date(2024, 5, 6)), "start", "submit", on=date(2024, 5, 6))
    assert old.appointment_on == date(2024, 5, 13)


def test_a_registrar_written_by_hand_stays(cooperative):
    case = registration(cooperative, "change")
    Case.objects.filter(pk=case.pk).update(receiving_agency="UBND xã")
    assert walk(case, "start", "submit").receiving_agency == "UBND xã"


def test_the_intake_check_needs_every_paper_and_a_reason_for_what_is_not_ticked(cooperative):
    case = step(registration(cooperative, "suspend"), "start")
    said = refused(lambda: step(case, "intake", note="Lý do"))
    assert said == [f"Còn thiếu giấy tờ: {paper.label}." for paper in case.checklist.all()]
    case = papers_in(case)
    assert refused(lambda: step(case, "intake")) == [
        "Chưa đánh dấu: Giấy đề nghị đã ghi tên HTX.",
        "Chưa đánh dấu: Đã ghi điện thoại, thư điện tử của người nộp.",
        "Chưa đánh dấu: Có biên lai lệ phí, hoặc thủ tục không thu.",
        "Nếu vẫn tiếp tục, hãy ghi lý do vào ghi chú.",
    ]
    case = write(case, has_name=True, has_contact=True, has_fee_receipt=True)
    assert step(case, "intake").milestone == "intake"


STATES = {
    "new": (), "advising": ("start",), "waiting_cooperative": ("start", "request_papers"),
    "submitted": ("start", "submit"), "waiting_result": ("start", "submit", "await_result"),
    "completed": ("start", "complete"), "withdrawn": ("withdraw",), "not_eligible": ("not_eligible",),
    "unreachable": ("unreachable",), "stopped": ("stop",),
}  # fmt: skip
OWN_STEPS = {"intake": {"advising"}, "certificate": {"submitted", "waiting_result"}, "preparing": set(), "filed": set()}


@pytest.mark.parametrize("status", STATES)
@pytest.mark.parametrize("code", OWN_STEPS)
@pytest.mark.once
def test_every_stop_is_reached_in_its_states_and_refused_with_words_in_all_others(cooperative, status, code):
    case = walk(registration(cooperative, "change"), *STATES[status])
    assert case.status == status
    if status in OWN_STEPS[code]:
        after = step(case, code, note="Có lý do")
        assert (after.status, after.milestone) == (status, code)
    else:
        label = next(stop.label for stop in KIND.milestones if stop.code == code)
        said = f"Không thể “{label}” khi hồ sơ đang ở trạng thái “{Status(status).label}”."
        assert refused(lambda: step(case, code, note="Có lý do")) == [said]


def test_the_public_reads_where_the_papers_are(cooperative):
    case = papers_in(registration(cooperative, "change"))
    stages = []
    for code in WAY:
        case = step(case, code, note="Có lý do")
        public = status_of(case)
        stages.append((public.stage, public.next_step))
    assert stages == [
        ("Đang chuẩn bị hồ sơ đăng ký", "HTX chuẩn bị giấy tờ theo hướng dẫn của cán bộ."),
        ("Hồ sơ đã được kiểm tra, sẵn sàng nộp", "HTX nộp hồ sơ cho cơ quan đăng ký kinh doanh."),
        ("Hồ sơ đang ở cơ quan đăng ký kinh doanh", "Cơ quan đăng ký kinh doanh xem xét và trả kết quả."),
        ("Hồ sơ đang ở cơ quan đăng ký kinh doanh", "Cơ quan đăng ký kinh doanh xem xét và trả kết quả."),
        ("Đã có kết quả của cơ quan đăng ký", "HTX nhận giấy chứng nhận theo lịch hẹn."),
        ("Đã có kết quả đăng ký", "Không còn việc phải làm."),
    ]


# --- Grounds of refusal ------------------------------------------------------------------------------

GROUNDS = ["dissolving", "bankruptcy", "not_at_address", "revoked_tax", "dissolved", "violation"]
EXEMPT = {
    "resume": {"not_at_address", "violation"},
    "dissolve_notice": {"not_at_address", "revoked_tax", "violation"},
    "dissolve": set(GROUNDS) - {"dissolved"},
    "stop": set(GROUNDS) - {"dissolved"},
    "capital": set(GROUNDS) - {"dissolved"},
}


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("procedure", Procedure.values)
@pytest.mark.once
def test_each_ground_stops_each_procedure_but_those_that_lead_out_of_it(ground, procedure):
    row = make_cooperative(legal_status=ground if ground in LegalStatus.values else "active")
    if ground == "violation":
        row.violation_notices.create(noticed_on=OPENED)
    case = registration(row, procedure)
    if ground in EXEMPT.get(procedure, ()):
        assert step(case, "start").status == "advising"
        assert "Thủ tục này vẫn làm được." in str(KIND.guidance(case, OPENED)[0].text)
        return
    (said,) = refused(lambda: step(case, "start", note="Vẫn muốn làm"))
    assert "cơ quan đăng ký từ chối hồ sơ (" in said
    if ground != "dissolved":
        assert "Nghị định 92/2024/NĐ-CP, Điều 33" in said
    assert (str(KIND.guidance(case, OPENED)[0].text), KIND.guidance(case, OPENED)[0].tone) == (said, "bad")


@pytest.mark.parametrize("status", ["active", "suspended"])
def test_other_states_stop_nothing(status):
    case = registration(make_cooperative(legal_status=status), "change")
    assert step(case, "start").status == "advising"


def test_a_notice_stops_from_its_day_until_it_is_settled():
    row = make_cooperative()
    row.violation_notices.create(noticed_on=date(2025, 9, 2), settled_on=date(2025, 9, 10))
    days = [date(2025, 9, 1), date(2025, 9, 2), date(2025, 9, 9), date(2025, 9, 10)]
    assert [len(refusal_grounds(row, day, OPENED)) for day in days] == [0, 1, 1, 0]


def test_what_the_register_says_of_the_day_counts_and_not_what_became_later(cooperative):
    case = finish(registration(cooperative, "dissolve_notice", certificate_on=ANSWERED))
    row = Cooperative.objects.get(pk=case.cooperative_id)
    before, since = (refusal_grounds(row, day, OPENED) for day in (ANSWERED - ONE_DAY, ANSWERED))
    assert (before, [ground.code for ground in since]) == ([], ["dissolving"])


def test_under_the_old_law_only_what_is_dissolved_is_refused():
    row = make_cooperative(legal_status="not_at_address")
    case = registration(row, "change", opened_on=date(2024, 6, 3))
    assert step(case, "start").status == "advising"


@pytest.mark.parametrize(
    ("kind", "procedure", "day", "least"),
    [
        ("htx", "found", date(2024, 6, 30), 7),
        ("htx", "found", NEW_LAW, 5),
        ("lhhtx", "found", date(2024, 6, 30), 4),
        ("lhhtx", "found", NEW_LAW, 3),
        ("tht", "found_tht", NEW_LAW, 2),
    ],
)
def test_a_member_too_few_stops_the_filing(kind, procedure, day, least):
    group = make_founding_group()
    few, enough = (
        walk(registration(group, procedure, kind=kind, members=count, event_on=day, opened_on=day), "start", on=day)
        for count in (least - 1, least)
    )
    (said,) = refused(lambda: step(few, "submit", day, "Vẫn muốn nộp"))
    assert f"ít nhất {least}" in said
    assert step(enough, "submit", day).status == "submitted"


def test_a_name_that_is_there_already_needs_a_reason():
    make_cooperative("Hợp tác xã Chè Khuổi Slao")
    case = walk(registration(make_founding_group(), name="Hợp tác xã Chè Khuổi Slao"), "start")
    said = refused(lambda: step(case, "submit"))
    assert said[0] == "Tên trùng trong sổ đăng ký với: Hợp tác xã Chè Khuổi Slao."
    assert step(case, "submit", note="Khác huyện, cơ quan đăng ký đã đồng ý").status == "submitted"


def test_branches_are_closed_before_a_cooperative_is_dissolved(cooperative):
    unit = cooperative.branches.create(kind="branch", name="Chi nhánh Chợ Đồn", opened_on=date(2024, 1, 2))
    case = walk(registration(cooperative, "dissolve_notice"), "start")
    assert refused(lambda: step(case, "submit", note="Vẫn nộp")) == [
        "Phải chấm dứt hoạt động trước: Chi nhánh Chi nhánh Chợ Đồn."
    ]
    closing = registration(cooperative, "branch", branch_closed=unit, changed_on=OPENED, certificate_on=OPENED)
    finish(closing, OPENED)
    assert Branch.objects.get(pk=unit.pk).closed_on == OPENED
    assert step(case, "submit").status == "submitted"


# --- What cannot be right ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("procedure", "details", "columns"),
    [
        ("found", {"name": "HTX Chè"}, ["name"]),
        ("found", {"kind": "lhhtx", "name": "Hợp tác xã Chè"}, ["name"]),
        ("found_tht", {"name": "Hợp tác xã Chè"}, ["name"]),
        ("change", {"name": "Chè"}, ["name"]),
        ("found", {"name": "H" * 201}, ["name"]),
        ("found", {"tax_code": "12"}, ["tax_code"]),
        ("found", {"tax_code": "4700990021"}, ["tax_code"]),
        ("found", {"members": -1}, ["members"]),
        ("found", {"members": 10**7}, ["members"]),
        ("found", {"charter_capital": 10**15 + 1}, ["charter_capital"]),
        ("found", {"charter_capital": "nhiều"}, ["charter_capital"]),
        ("found", {"met_on": TODAY + ONE_DAY}, ["met_on"]),
        ("found", {"met_on": date(2025, 9, 9), "certificate_on": date(2025, 9, 8)}, ["certificate_on"]),
        ("found", {"certificate_on": TODAY + ONE_DAY}, ["certificate_on"]),
        ("found", {"changed_on": date(1900, 1, 1)}, ["changed_on"]),
        ("found", {"changed_on": date(9999, 12, 31)}, ["changed_on"]),
        ("suspend", {"suspended_from": OPENED, "suspended_to": OPENED - ONE_DAY}, ["suspended_to"]),
        ("suspend", {"suspended_from": date(2025, 9, 8), "suspended_to": date(2026, 9, 9)}, ["suspended_to"]),
        ("suspend", {"suspended_from": date(2025, 9, 8), "suspended_to": date(9999, 12, 31)}, ["suspended_to"]),
        (
            "suspend",
            {"suspended_from": date(9999, 12, 31), "suspended_to": date(9999, 12, 31)},
            ["suspended_from", "suspended_to"],
        ),
        ("branch", {"branch_kind": "branch", "branch_code": "00001"}, ["branch_code"]),
        ("location", {"branch_kind": "location", "branch_code": "4700990014-001"}, ["branch_code"]),
        ("branch", {"branch_kind": "shop"}, ["branch_kind"]),
        ("teleport", {}, ["procedure"]),
        ("change", {"certificate_change_no": 1000}, ["certificate_change_no"]),
    ],
)
@pytest.mark.once
def test_details_that_cannot_be_right_are_refused_beside_their_column(cooperative, procedure, details, columns):
    make_cooperative(tax_code="4700990021")
    assert list(wrong(cooperative, procedure, **details)) == columns


def test_a_suspension_of_twelve_months_to_the_day_is_taken(cooperative):
    case = registration(cooperative, "suspend", suspended_from=date(2025, 9, 8), suspended_to=date(2026, 9, 8))
    assert case.details.suspended_to == add_months(date(2025, 9, 8), 12)


def test_a_unit_of_another_cooperative_and_a_district_are_refused(cooperative):
    other = make_cooperative().branches.create(kind="branch", name="Chi nhánh lạ", opened_on=OPENED)
    assert list(wrong(cooperative, "branch", branch_closed=other)) == ["branch_closed"]
    assert list(wrong(cooperative, "change", commune=cooperative.commune.parent)) == ["commune"]
    assert list(wrong(make_founding_group(), "branch", branch_closed=other)) == ["branch_closed"]


@pytest.mark.parametrize(
    ("procedure", "details", "said"),
    [
        ("change", {"certificate_no": "0102"}, "Có số giấy chứng nhận thì cần ghi ngày cấp."),
        ("suspend", {"certificate_on": OPENED}, "Cần ghi “Tạm ngừng từ” để cập nhật sổ đăng ký."),
        ("branch", {"certificate_on": OPENED}, "Cần ghi “Loại đơn vị phụ thuộc” để cập nhật sổ đăng ký."),
        (
            "change_representative",
            {"certificate_on": OPENED},
            "Cần ghi “Người đại diện theo pháp luật” để cập nhật sổ đăng ký.",
        ),
        (
            "found",
            CERTIFICATE,
            "HTX này đã đăng ký: thủ tục thành lập chỉ dùng cho nhóm sáng lập hoặc tổ hợp tác.",
        ),
    ],
)
@pytest.mark.once
def test_an_answer_too_short_for_the_register_is_not_completed(cooperative, procedure, details, said):
    case = walk(registration(cooperative, procedure, **details), "start", "submit")
    assert said in refused(lambda: step(case, "complete", ANSWERED, "Vẫn hoàn thành"))


def test_a_certificate_without_a_name_founds_nothing():
    case = walk(registration(make_founding_group(), **CERTIFICATE), "start", "submit")
    assert refused(lambda: step(case, "complete", ANSWERED)) == ["Cần ghi “Tên HTX” để cập nhật sổ đăng ký."]


def test_what_the_register_itself_refuses_is_told_and_nothing_is_written():
    group = make_founding_group()
    case = walk(registration(group, tax_code="4700990021", **FOUNDED), "start", "submit")
    make_cooperative(tax_code="4700990021")
    assert refused(lambda: step(case, "complete", ANSWERED)) == ["Đã có HTX trùng Mã số thuế."]


# --- The register afterwards ---------------------------------------------------------------------------


@pytest.mark.parametrize("procedure", Procedure.values)
@pytest.mark.once
def test_a_bare_case_goes_all_the_way_and_leaves_the_register_alone(cooperative, procedure):
    case = papers_in(registration(cooperative, procedure))
    before = register()
    for code in ("start", "submit", "await_result", "complete"):
        case = step(case, code)
    assert case.status == "completed"
    assert register() == before
    assert not case.followers.exists()


def test_a_bare_case_of_a_group_founds_nothing():
    group = make_founding_group()
    case = walk(registration(group), "start", "submit", "await_result", "complete")
    assert (case.status, case.cooperative, FoundingGroup.objects.get().cooperative) == ("completed", None, None)


def test_a_group_with_a_certificate_becomes_a_cooperative_and_the_case_is_its():
    group = make_founding_group(contact="Bàn Thị Mẫu", phone="0912345678")
    case = finish(registration(group, charter_capital=480_000_000, representative="Bàn Văn Thử", **FOUNDED))
    row = Cooperative.objects.get()
    assert (row.name, row.kind, row.certificate_no, row.registered_on, row.members, row.charter_capital) == (
        "Hợp tác xã Chè Khuổi Slao", "htx", "0102", ANSWERED, 8, 480_000_000,
    )  # fmt: skip
    assert row.certificate_issuer == "Phòng Kinh tế xã Đồng Phúc"
    assert (case.cooperative, case.founding_group, case.party) == (row, group, row)
    assert FoundingGroup.objects.get().cooperative == row
    assert row.contacts.get().name == "Bàn Thị Mẫu"
    assert list(Case.objects.search("che khuoi slao")) != []


def test_the_certificate_opens_one_case_in_which_the_capital_is_watched():
    group = make_founding_group()
    case = finish(registration(group, **FOUNDED))
    (capital,) = case.followers.all()
    assert (capital.title, capital.follow_key, capital.topic) == ("Góp đủ vốn điều lệ", "capital", "registration")
    assert (capital.due_on, capital.event_on, capital.details.procedure) == (date(2026, 3, 19), ANSWERED, "capital")
    assert (capital.cooperative, capital.status) == (case.cooperative, "new")
    said = [(str(hint.text), hint.tone) for hint in KIND.guidance(capital, date(2026, 3, 19))]
    assert said == [
        ("Thành viên phải góp đủ vốn điều lệ trước hết ngày 19/03/2026.", "info"),
        (
            "Góp thiếu thì phải đăng ký lại vốn điều lệ trước hết ngày 20/04/2026: đổi thủ tục của hồ sơ này thành "
            "“Thay đổi tên, địa chỉ, vốn điều lệ”.",
            "info",
        ),
    ]
    assert KIND.guidance(capital, date(2026, 3, 20))[0].tone == "bad"
    again = finish(step(case, "reopen", ANSWERED, "Sửa số"), ANSWERED)
    assert list(again.followers.all()) == [capital]


def test_a_capital_that_is_short_is_registered_again_in_the_same_case():
    case = finish(registration(make_founding_group(), charter_capital=480_000_000, **FOUNDED))
    capital = write(case.followers.get(), procedure="change", changed_on=date(2026, 3, 30), charter_capital=300_000_000)
    assert "change_application" in capital.checklist.values_list("code", flat=True)
    capital = write(capital, certificate_on=date(2026, 4, 6), certificate_no="0102", certificate_change_no=1)
    finish(capital, date(2026, 4, 6))
    row = Cooperative.objects.get()
    assert (row.charter_capital, row.certificate_change_no) == (300_000_000, 1)
    assert row.capital_paid_on == date(2026, 3, 30)
    assert history(row) == [
        ("certificate_change_no", "", "1", date(2026, 3, 30)),
        ("charter_capital", "480000000", "300000000", date(2026, 3, 30)),
    ]


def test_capital_paid_in_is_written_into_the_register_and_owed_no_more():
    case = finish(registration(make_founding_group(), **FOUNDED))
    row, capital = case.cooperative, case.followers.get()
    assert dues(row, TODAY) == {"capital": date(2026, 3, 19), "capital_again": date(2026, 4, 20)}
    capital = walk(capital, "start", on=ANSWERED)
    assert str(KIND.guidance(capital, ANSWERED)[-1].text).startswith("Chưa ghi ngày thành viên góp đủ vốn")
    capital = write(capital, changed_on=date(2026, 2, 11))
    said = ["Ngày góp đủ vốn không thể sau ngày hoàn thành hồ sơ."]
    assert refused(lambda: step(capital, "complete", date(2026, 2, 10))) == said
    step(capital, "complete", date(2026, 2, 12))
    row.refresh_from_db()
    assert (row.capital_paid_on, dues(row, TODAY)) == (date(2026, 2, 11), {})


def dues(cooperative, day) -> dict:
    """What is owed for the capital and by when, as the list of obligations has it."""
    found = obligations_of(cooperative, day)
    return {duty.kind: duty.due_on for duty in found if duty.kind.startswith("capital")}


@given(holidays, st.integers(0, 500))
@effort(max_examples=15)
def test_the_case_and_the_list_of_obligations_say_the_same_days(off, after):
    Holiday.objects.all().delete()
    Holiday.objects.bulk_create(Holiday(day=day, name="Nghỉ") for day in set(off))
    issued = date(2024, 7, 1) + timedelta(days=after)
    row = make_cooperative(f"Hợp tác xã {Cooperative.objects.count()}", registered_on=issued)
    terms = capital_terms(issued, Holiday.objects.work_calendar())
    later = terms.reregister_by + ONE_DAY
    assert dues(row, later) == {"capital": terms.pay_by, "capital_again": terms.reregister_by}


def test_the_old_law_and_a_group_without_capital_terms_open_no_such_case():
    old = {"opened_on": date(2024, 3, 4), "certificate_no": "1", "certificate_on": date(2024, 3, 14)}
    case = finish(registration(make_founding_group(), name="Hợp tác xã Sớm", members=7, **old), date(2024, 3, 14))
    assert (case.cooperative.name, case.followers.count()) == ("Hợp tác xã Sớm", 0)
    tht = registration(make_founding_group(), "found_tht", name="Tổ hợp tác Ong", certificate_on=ANSWERED)
    case = finish(tht)
    assert (case.cooperative.kind, case.followers.count()) == ("tht", 0)


def test_a_corrected_certificate_is_written_over_and_no_second_cooperative_made():
    case = finish(registration(make_founding_group(), **FOUNDED))
    case = write(step(case, "reopen", ANSWERED, "Ghi nhầm số"), certificate_no="0103")
    finish(case)
    assert list(Cooperative.objects.values_list("certificate_no", flat=True)) == ["0103"]


def test_a_group_of_people_turns_into_a_cooperative_and_keeps_its_code():
    row = make_cooperative("Tổ hợp tác Ong", kind="tht", tax_code="4700990014")
    case = finish(registration(row, kind="htx", name="Hợp tác xã Ong", **CERTIFICATE))
    row.refresh_from_db()
    assert (row.name, row.kind, row.tax_code) == ("Hợp tác xã Ong", "htx", "4700990014")
    assert history(row) == [
        ("certificate_no", "", "0102", ANSWERED),
        ("kind", "tht", "htx", ANSWERED),
        ("name", "Tổ hợp tác Ong", "Hợp tác xã Ong", ANSWERED),
    ]
    assert case.followers.count() == 1


CHANGED = date(2025, 9, 5)
RESULT = {"changed_on": CHANGED, "certificate_on": ANSWERED}
EFFECTS = {
    "change": (
        {
            "name": "Hợp tác xã Mới",
            "address": "Thôn Nà Sao",
            "charter_capital": 1_200_000_000,
            "certificate_change_no": 2,
        },
        [
            ("address", "", "Thôn Nà Sao", CHANGED),
            ("certificate_change_no", "", "2", CHANGED),
            ("charter_capital", "900000000", "1200000000", CHANGED),
            ("name", "Hợp tác xã Đồng Phúc", "Hợp tác xã Mới", CHANGED),
        ],
    ),
    "change_representative": (
        {"representative": "Bà Hai"},
        [("representative", "Ông Một", "Bà Hai", CHANGED)],
    ),
    "representative_data": ({"representative": "Bà Hai"}, []),
    "business_lines": ({"name": "Hợp tác xã Mới"}, []),
    "tax_data": ({"representative": "Bà Hai"}, []),
    "update": ({"address": "Xã mới", "name": "Hợp tác xã Mới"}, [("address", "", "Xã mới", CHANGED)]),
    "reissue": (
        {"certificate_no": "13A8000102", "name": "Hợp tác xã Mới"},
        [("certificate_no", "13A8000101", "13A8000102", CHANGED)],
    ),
    "correct": (
        {"name": "Hợp tác xã Mới", "representative": "Bà Hai"},
        [
            ("name", "Hợp tác xã Đồng Phúc", "Hợp tác xã Mới", CHANGED),
            ("representative", "Ông Một", "Bà Hai", CHANGED),
        ],
    ),
    "suspend": (
        {"suspended_from": date(2025, 9, 25), "suspended_to": date(2025, 12, 31)},
        [("legal_status", "active", "suspended", date(2025, 9, 25))],
    ),
    "dissolve_notice": ({}, [("legal_status", "active", "dissolving", ANSWERED)]),
    "dissolve": ({}, [("legal_status", "active", "dissolved", ANSWERED)]),
    "stop": ({"name": "Hợp tác xã Mới"}, []),
    "capital": ({"charter_capital": 1}, []),
}


@pytest.mark.parametrize("procedure", EFFECTS)
def test_a_finished_procedure_changes_its_facts_and_no_others(cooperative, procedure):
    details, expected = EFFECTS[procedure]
    other = make_cooperative("Hợp tác xã Khác")
    before = Cooperative.objects.filter(pk=other.pk).values().get()
    case = finish(registration(cooperative, procedure, **RESULT, **details))
    cooperative.refresh_from_db()
    assert history(cooperative) == expected
    for fact, _old, new, _day in expected:
        assert str(getattr(cooperative, fact)) == new
    changes = RegistrationChange.objects.filter(cooperative=cooperative)
    assert {change.source for change in changes} <= {case.reference}
    assert {change.legal_basis.split(",")[0] for change in changes} <= {"Nghị định 92/2024/NĐ-CP"}
    assert Cooperative.objects.filter(pk=other.pk).values().get() == before


@pytest.mark.parametrize("procedure", EFFECTS)
def test_completed_again_it_has_changed_nothing_more(cooperative, procedure):
    case = finish(registration(cooperative, procedure, **RESULT, **EFFECTS[procedure][0]))
    case = step(case, "reopen", ANSWERED, "Xem lại")
    before = [(change.pk, change.new) for change in RegistrationChange.objects.all()], Suspension.objects.count()
    if procedure != "dissolve":
        finish(case)
    after = [(change.pk, change.new) for change in RegistrationChange.objects.all()], Suspension.objects.count()
    assert after == before


def test_a_dissolved_cooperative_can_have_its_case_finished_again(cooperative):
    case = finish(registration(cooperative, "dissolve", **RESULT))
    case = step(case, "reopen", ANSWERED, "Xem lại")
    walk(case, "submit", "complete", on=ANSWERED)
    assert history(cooperative) == [("legal_status", "active", "dissolved", ANSWERED)]


def test_completed_again_with_other_words_the_first_ones_are_taken_back(cooperative):
    case = finish(registration(cooperative, "change", name="Hợp tác xã Sai", charter_capital=1, **RESULT))
    case = step(case, "reopen", ANSWERED, "Ghi nhầm")
    case = write(case, name="Hợp tác xã Đúng", charter_capital=None)
    finish(case)
    cooperative.refresh_from_db()
    assert (cooperative.name, cooperative.charter_capital) == ("Hợp tác xã Đúng", 900_000_000)
    assert history(cooperative) == [("name", "Hợp tác xã Đồng Phúc", "Hợp tác xã Đúng", CHANGED)]


def test_going_on_after_a_suspension_is_written_with_its_day(cooperative):
    details, _expected = EFFECTS["suspend"]
    finish(registration(cooperative, "suspend", **RESULT, **details))
    resumed = {"changed_on": date(2025, 12, 1), "certificate_on": date(2025, 11, 25), "opened_on": date(2025, 11, 20)}
    finish(registration(cooperative, "resume", **resumed), date(2025, 11, 25))
    cooperative.refresh_from_db()
    assert cooperative.legal_status == "active"
    assert list(cooperative.suspensions.values_list("starts_on", "ends_on", "resumed_on")) == [
        (date(2025, 9, 25), date(2025, 12, 31), date(2025, 12, 1))
    ]


@pytest.mark.parametrize(
    ("procedure", "kind", "code"), [("branch", "office", "4700990014-001"), ("location", "location", "00001")]
)
def test_a_unit_is_entered_once_however_often_its_case_is_completed(cooperative, procedure, kind, code):
    unit = {"branch_kind": kind, "branch_name": "Đơn vị Chợ Đồn", "branch_address": "Chợ Đồn", "branch_code": code}
    case = finish(registration(cooperative, procedure, **RESULT, **unit))
    finish(write(step(case, "reopen", ANSWERED, "Sửa tên"), branch_name="Đơn vị Ba Bể"))
    rows = Branch.objects.values_list("cooperative", "kind", "name", "address", "code", "opened_on", "closed_on")
    assert list(rows) == [(cooperative.pk, kind, "Đơn vị Ba Bể", "Chợ Đồn", code, CHANGED, None)]


@pytest.mark.django_db(transaction=True)
def test_two_cases_of_one_group_completed_at_once_found_one_cooperative():
    group, by = make_founding_group(), make_user()
    cases = [walk(registration(group, by=by, **FOUNDED), "start", "submit") for _ in range(2)]
    done = at_once(*[lambda case=case: step(case, "complete", ANSWERED) for case in cases])
    assert [result for result in done if isinstance(result, Exception)] == []
    row = Cooperative.objects.get()
    assert {case.cooperative for case in Case.objects.filter(pk__in=[case.pk for case in cases])} == {row}


def test_a_case_without_a_row_in_the_catalogue_is_led_by_hand(cooperative):
    RegistrationProcedure.objects.all().delete()
    LegalRule.objects.filter(key__startswith="registrar.").delete()
    case = registration(cooperative, "change", name="Hợp tác xã Mới", certificate_on=ANSWERED)
    assert [hint.tone for hint in KIND.guidance(case, OPENED)] == ["warn"]
    before = register()
    case = finish(case)
    assert (case.status, register()) == ("completed", before)


def reminded(case) -> list[tuple[str, date]]:
    """The dated occasions of a case, by the law read for many and, the same, case by case."""
    found = list(KIND.remind_on(case, KIND.law_of_days()))
    assert found == list(KIND.remind_on(case, None))
    assert {code for code, _day in found} <= KIND.day_words.keys()
    return found


def test_the_last_days_are_occasions_to_be_reminded_of(cooperative):
    case = walk(registration(cooperative, "change", changed_on=OPENED), "start")
    assert reminded(case) == [("filing", date(2025, 9, 18))]
    case = step(step(case, "submit"), "request_papers", OPENED)
    assert reminded(case) == [("supplement", date(2025, 11, 7))]
    assert reminded(step(case, "withdraw", note="Thôi")) == []


@pytest.mark.parametrize(
    ("kind", "procedure", "fits"),
    [
        ("tht", "found", False), ("tht", "change", False), ("tht", "found_tht", True), ("tht", "stop", True),
        ("htx", "found", True), ("lhhtx", "suspend", True),
    ],
)  # fmt: skip
@pytest.mark.once
def test_an_officer_is_told_when_a_procedure_is_for_others(kind, procedure, fits):
    case = registration(make_cooperative(kind=kind), procedure)
    said = [str(hint.text) for hint in KIND.guidance(case, OPENED) if "không áp dụng" in str(hint.text)]
    assert said == ([] if fits else ["Thủ tục này không áp dụng cho Tổ hợp tác."])


def test_an_officer_is_led_through_a_founding():
    case = registration(make_founding_group(), kind="htx")
    said = [str(hint.text) for hint in KIND.guidance(case, OPENED)]
    assert said == [
        "Nơi nộp: Phòng Kinh tế xã Đồng Phúc.",
        "Cần ít nhất 5 thành viên.",
        "Vốn góp của một thành viên chính thức không quá 30% vốn điều lệ.",
        "Nộp: trực tiếp, bưu chính, trực tuyến. Giải quyết trong 3 ngày làm việc. Lệ phí: kiểm tra biên lai lệ phí. "
        "Nộp sau hội nghị thành lập. Điều lệ cần đủ 19 nội dung bắt buộc (Luật 17/2023/QH15, Điều 40). Không cần đóng "
        "dấu; giấy ủy quyền không phải công chứng. Mã TTHC tại đơn vị cấp xã mới cần đối chiếu.",
    ]
    assert KIND.facts(case, OPENED) == [("Mã thủ tục hành chính", "1.005280")]

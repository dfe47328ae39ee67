"""Cases about business lines: the review line by line, terms and words by the law of the day, the register after."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from cooperatives.choices import DayKind
from cooperatives.errors import InvalidEntry, NotAllowedNow, StaleVersion
from cooperatives.lines.law import answer_day, last_day, of_another_version
from cooperatives.models import Holiday, LegalRule, ListRevision, VsicLine
from htx_portal.accounts.models import Role
from support_cases.cases import change_case
from support_cases.line_reviews import fill_from_register, save_review
from support_cases.models import Case
from support_cases.support_types.business_lines import last_day_of
from support_cases.workflow import take_step
from tests.factories import make_case, make_cooperative, make_founding_group, make_user
from tests.kept import put_reference
from tests.racing import at_once, of_kind

pytestmark = [pytest.mark.django_db, pytest.mark.database]

ONE_DAY = timedelta(days=1)
TODAY = date(2026, 1, 20)
OPENED = date(2025, 12, 1)
NOTIFIED = date(2025, 12, 9)
BEGAN = date(2021, 3, 15)


@pytest.fixture(autouse=True)
def reference(db):
    """The shipped reference data."""
    put_reference()


@pytest.fixture
def officer(db):
    return make_user()


def line(code, version="2018"):
    return VsicLine.objects.get(version=version, code=code)


@pytest.fixture
def cooperative(db):
    """A cooperative with three lines of 2018, tea the main one."""
    row = make_cooperative()
    for code, detail in (("0127", "Trồng chè"), ("0131", "Ươm chè"), ("4669", "Bán buôn phân bón")):
        row.business_lines.create(line=line(code), detail=detail, is_main=code == "0127", valid_from=BEGAN)
    return row


def row(cooperative, code):
    return cooperative.business_lines.select_related("line").get(line__code=code, valid_to=None)


def every_row(cooperative):
    """Every row of the register: version, code, detail, main, first and last day, basis."""
    rows = cooperative.business_lines.select_related("line").order_by("valid_from", "line__version", "line__code")
    return [(r.line.version, r.line.code, r.detail, r.is_main, r.valid_from, r.valid_to, r.legal_basis) for r in rows]


def open_case(cooperative, officer, opened_on=OPENED, today=TODAY, **details):
    case = make_case(
        cooperative, by=officer, topic="business_lines", today=today, opened_on=opened_on, title="Rà soát ngành, nghề",
        details=details,
    )  # fmt: skip
    case.checklist.update(received_on=opened_on)
    return Case.objects.get(pk=case.pk)


def moving(cooperative):
    """A difference: tea kept, seedlings moved, fertiliser dropped, tea processing added."""
    return [
        {"action": "keep", "present": row(cooperative, "0127"), "is_main": True},
        {"action": "move", "present": row(cooperative, "0131"), "line": line("0130", "2025"), "detail": "Ươm chè"},
        {"action": "drop", "present": row(cooperative, "4669")},
        {"action": "add", "line": line("1076", "2025"), "detail": "Chế biến chè", "note": "ATTP"},
    ]


def full_details(cooperative):
    return {
        "minutes_on": date(2025, 12, 4),
        "resolution_on": date(2025, 12, 4),
        "resolution_no": "05/NQ-ĐHTV",
        "notified_on": NOTIFIED,
        "lines": moving(cooperative),
    }


def steps(case, officer, *codes, day=None, note="", today=TODAY):
    for code in codes:
        case = take_step(case, code, by=officer, today=today, effective_on=day, note=note)
    return case


def refused(act):
    with pytest.raises(NotAllowedNow) as refusal:
        act()
    return refusal.value.problems


def invalid(act):
    with pytest.raises(InvalidEntry) as refusal:
        act()
    return {name: [str(words) for words in said] for name, said in refusal.value.problems.items()}


# The register after completion


def test_the_register_after_completion_row_by_row(cooperative, officer):
    case = open_case(cooperative, officer, **full_details(cooperative))
    case = steps(case, officer, "start", "submit", "await_result", "complete", day=date(2025, 12, 12))
    basis = "Thông báo thay đổi ngành, nghề ngày 09/12/2025, Nghị quyết 05/NQ-ĐHTV"
    assert every_row(cooperative) == [
        ("2018", "0127", "Trồng chè", True, BEGAN, None, ""),
        ("2018", "0131", "Ươm chè", False, BEGAN, NOTIFIED - ONE_DAY, ""),
        ("2018", "4669", "Bán buôn phân bón", False, BEGAN, NOTIFIED - ONE_DAY, ""),
        ("2025", "0130", "Ươm chè", False, NOTIFIED, None, basis),
        ("2025", "1076", "Chế biến chè", False, NOTIFIED, None, basis),
    ]
    revision = ListRevision.objects.get()
    assert (case.details.revision, revision.changed_on, revision.recorded_by) == (revision, NOTIFIED, officer)


def test_without_a_day_of_notice_the_register_changes_on_the_day_of_the_step(cooperative, officer):
    case = open_case(cooperative, officer, lines=[{"action": "add", "line": line("1076", "2025")}])
    steps(case, officer, "start", "submit", day=OPENED)
    steps(case, officer, "complete", day=date(2025, 12, 15), note="Nghị quyết nộp sau")
    assert row(cooperative, "1076").valid_from == date(2025, 12, 15)
    assert row(cooperative, "1076").legal_basis == "Thông báo thay đổi ngành, nghề ngày 15/12/2025"


def test_a_case_without_a_review_leaves_the_register_as_it_was(cooperative, officer):
    before = every_row(cooperative)
    case = steps(open_case(cooperative, officer), officer, "start", "submit", "await_result", "complete")
    assert (case.status, every_row(cooperative)) == ("completed", before)
    hints = [str(hint.text) for hint in case.kind.guidance(case, TODAY)]
    assert "Chưa rà soát ngành nào nên sổ đăng ký không thay đổi khi hồ sơ hoàn thành." in hints


def test_all_lines_kept_change_nothing(cooperative, officer):
    before = every_row(cooperative)
    case = open_case(cooperative, officer, resolution_on=OPENED)
    fill_from_register(case, by=officer, today=TODAY)
    steps(case, officer, "start", "submit", "complete", day=OPENED)
    assert every_row(cooperative) == before
    assert not ListRevision.objects.exists()


def test_reopened_and_completed_again_nothing_is_doubled(cooperative, officer):
    case = open_case(cooperative, officer, **full_details(cooperative))
    case = steps(case, officer, "start", "submit", "complete", day=date(2025, 12, 12))
    before = every_row(cooperative)
    case = steps(case, officer, "reopen", "submit", "complete", note="Sửa số")
    assert every_row(cooperative) == before
    assert ListRevision.objects.count() == 1


def test_without_a_day_of_notice_a_second_completion_keeps_the_day_of_the_first(cooperative, officer):
    case = open_case(
        cooperative, officer, resolution_on=OPENED, lines=[{"action": "add", "line": line("1076", "2025")}]
    )
    steps(case, officer, "start", "submit", "complete", day=OPENED)
    before = every_row(cooperative)
    steps(case, officer, "reopen", "submit", "complete", day=TODAY, note="Mở lại")
    assert every_row(cooperative) == before


def test_a_review_corrected_after_reopening_replaces_what_was_recorded(cooperative, officer):
    case = open_case(cooperative, officer, **full_details(cooperative))
    case = steps(case, officer, "start", "submit", "complete", day=date(2025, 12, 12))
    case = steps(case, officer, "reopen", note="Không bỏ phân bón")
    rows = [
        {"id": each.pk, "action": "keep" if each.action == "drop" else each.action}
        for each in case.linereview_rows.all()
    ]
    save_review(case, rows, by=officer, today=TODAY)
    steps(case, officer, "complete", note="Đã sửa")
    assert [(r[1], r[4], r[5]) for r in every_row(cooperative)] == [
        ("0127", BEGAN, None),
        ("0131", BEGAN, NOTIFIED - ONE_DAY),
        ("4669", BEGAN, None),
        ("0130", NOTIFIED, None),
        ("1076", NOTIFIED, None),
    ]


def test_a_review_emptied_after_reopening_is_taken_back(cooperative, officer):
    before = every_row(cooperative)
    case = open_case(cooperative, officer, **full_details(cooperative))
    case = steps(case, officer, "start", "submit", "complete", day=date(2025, 12, 12))
    case = steps(case, officer, "reopen", note="Nhầm HTX")
    save_review(case, [], by=officer, today=TODAY)
    case = steps(case, officer, "complete", note="Không đổi gì")
    assert every_row(cooperative) == before
    assert case.details.revision is None


def test_what_another_case_was_built_on_cannot_be_changed_beneath_it(cooperative, officer):
    first = open_case(cooperative, officer, **full_details(cooperative))
    first = steps(first, officer, "start", "submit", "complete", day=date(2025, 12, 12))
    drop = [{"action": "drop", "present": row(cooperative, "1076")}]
    second = open_case(cooperative, officer, resolution_on=OPENED, notified_on=TODAY, lines=drop)
    steps(second, officer, "start", "submit", "complete", note="Nộp muộn")
    before = every_row(cooperative)
    first = steps(first, officer, "reopen", note="Xem lại")
    change_case(first, {"details": {"notified_on": NOTIFIED - ONE_DAY}}, by=officer, today=TODAY)
    said = "Danh sách ngành, nghề đã có thay đổi ghi từ ngày 09/12/2025; ngày thay đổi mới phải sau ngày đó."
    assert refused(lambda: steps(first, officer, "complete", note="Lại")) == [said]
    assert every_row(cooperative) == before


def test_lines_typed_by_hand_before_the_case_was_closed_are_taken_over(cooperative, officer):
    case = open_case(cooperative, officer, resolution_on=OPENED, notified_on=NOTIFIED, lines=moving(cooperative)[3:])
    cooperative.business_lines.create(
        line=line("1076", "2025"), detail="Chế biến chè", valid_from=NOTIFIED, legal_basis="Ghi tay"
    )
    before = every_row(cooperative)
    case = steps(case, officer, "start", "submit", "complete", day=date(2025, 12, 12))
    assert every_row(cooperative) == before
    assert [each.legal_basis for each in case.details.revision.begun.all()] == ["Ghi tay"]


def test_a_founding_group_has_no_lines_to_change(officer):
    case = open_case(make_founding_group(), officer, lines=[{"action": "add", "line": line("1076", "2025")}])
    case = steps(case, officer, "start", "submit", "complete", note="Xong")
    assert not ListRevision.objects.exists()
    hints = [str(hint.text) for hint in case.kind.guidance(case, TODAY)]
    assert "Nhóm sáng lập chưa có trong sổ đăng ký nên không có danh sách ngành, nghề để đổi." in hints


# What may be written


@pytest.mark.parametrize(
    ("details", "said"),
    [
        ({"minutes_on": date(2025, 12, 5), "resolution_on": date(2025, 12, 4)},
         {"minutes_on": ["Biên bản không thể sau ngày nghị quyết."]}),
        ({"resolution_on": date(2025, 12, 5), "notified_on": date(2025, 12, 4)},
         {"__all__": ["Nghị quyết phải có trước ngày thông báo."]}),
        ({"resolution_on": TODAY + ONE_DAY}, {"resolution_on": ["Ngày này không thể ở tương lai."]}),
        ({"notified_on": date(25, 12, 4)}, {"notified_on": ["Ngày này quá xa, xin kiểm tra năm."]}),
    ],
)  # fmt: skip
def test_days_that_cannot_be_are_refused_beside_their_field(cooperative, officer, details, said):
    assert invalid(lambda: open_case(cooperative, officer, **details)) == said


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda c: {"action": "keep"}, "Dòng 1: Cần chọn ngành đang có trong sổ đăng ký."),
        (lambda c: {"action": "drop"}, "Dòng 1: Cần chọn ngành đang có trong sổ đăng ký."),
        (lambda c: {"action": "add"}, "Dòng 1: Cần chọn ngành mới."),
        (lambda c: {"action": "correct", "present": row(c, "0131")}, "Dòng 1: Cần chọn ngành mới."),
        (lambda c: {"action": "move", "present": row(c, "0131"), "line": line("0132")},
         "Dòng 1: Ngành mới phải thuộc phiên bản VSIC khác."),
        (lambda c: {"action": "add", "present": row(c, "0131"), "line": line("0132")},
         "Dòng 1: Ngành thêm mới không thay cho ngành đang có."),
        (lambda c: {"action": "burn"}, "Dòng 1: Giá trị 'burn' không phải là một lựa chọn."),
    ],
)  # fmt: skip
@pytest.mark.once
def test_a_row_says_what_its_action_lacks(cooperative, officer, make, said):
    problems = invalid(lambda: open_case(cooperative, officer, lines=[make(cooperative)]))
    assert problems == {"lines": [said]} or "burn" in said
    assert not Case.objects.exists()


def test_lines_of_another_cooperative_cannot_be_reviewed(cooperative, officer):
    other = make_cooperative()
    strange = other.business_lines.create(line=line("0111"), valid_from=BEGAN)
    lines = [{"action": "drop", "present": strange}]
    assert invalid(lambda: open_case(cooperative, officer, lines=lines)) == {
        "lines": ["Dòng 1: Chọn một mục của chính HTX này."]
    }


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda c: [{"action": "add", "line": line("0131"), "detail": "ươm chè"}],
         "Dòng 1: Trùng ngành và chi tiết với dòng khác: 0131 Nhân và chăm sóc cây giống hàng năm."),
        (lambda c: [{"action": "drop", "present": each} for each in c.business_lines.all()],
         "Danh sách sau thay đổi phải còn ít nhất một ngành."),
        (lambda c: [{"action": "drop", "present": row(c, "0127")}], "Cần chọn một ngành chính."),
        (lambda c: [{"action": "keep", "present": each, "is_main": True} for each in c.business_lines.all()],
         "Chỉ được có một ngành chính."),
    ],
)  # fmt: skip
@pytest.mark.parametrize("step", ["submit", "complete", "complete_partly"])
@pytest.mark.once
def test_a_list_that_cannot_be_is_not_sent_and_not_completed(cooperative, officer, step, make, said):
    case = steps(open_case(cooperative, officer, lines=make(cooperative)), officer, "start")
    assert refused(lambda: steps(case, officer, step, note="Lý do")) == [said]
    assert len(every_row(cooperative)) == 3


def test_a_case_is_not_completed_before_its_notice(cooperative, officer):
    case = steps(open_case(cooperative, officer, **full_details(cooperative)), officer, "start", day=OPENED)
    assert refused(lambda: steps(case, officer, "complete", day=NOTIFIED - ONE_DAY)) == [
        "Ngày thông báo không thể sau ngày hoàn thành."
    ]


# The law of the day


@pytest.mark.parametrize(
    ("event", "words", "last"),
    [
        (date(2023, 5, 4), "Đã nộp hồ sơ đăng ký thay đổi ngành nghề", date(2023, 5, 19)),
        (date(2024, 6, 30), "Đã nộp hồ sơ đăng ký thay đổi ngành nghề", date(2024, 7, 15)),
        (date(2024, 7, 1), "Đã gửi thông báo thay đổi ngành nghề", date(2024, 7, 11)),
        (date(2025, 12, 4), "Đã gửi thông báo thay đổi ngành nghề", date(2025, 12, 15)),
    ],
)
def test_words_and_term_follow_the_law_of_the_resolution(cooperative, officer, event, words, last):
    case = open_case(cooperative, officer, opened_on=event, resolution_on=event)
    case = steps(case, officer, "start", "submit", day=event)
    assert str(case.kind.stage(case)) == words
    assert (case.event_on, last_day_of(case)) == (event, last)
    assert (("Hạn thông báo, đăng ký thay đổi"), f"{last:%d/%m/%Y}") in case.kind.facts(case, TODAY)


def test_under_the_old_law_the_new_lines_cite_a_registration_and_the_papers_are_the_old_ones(cooperative, officer):
    event = date(2023, 5, 4)
    case = open_case(
        cooperative, officer, opened_on=event, resolution_on=event, notified_on=date(2023, 5, 15),
        lines=[{"action": "add", "line": line("1076")}],
    )  # fmt: skip
    papers = set(case.checklist.values_list("code", flat=True))
    assert papers == {"change_application_2012", "minutes_2012", "resolution_2012"}
    steps(case, officer, "start", "submit", "complete", day=date(2023, 5, 24))
    assert row(cooperative, "1076").legal_basis == "Đăng ký thay đổi ngành, nghề ngày 15/05/2023"
    hints = [str(hint.text) for hint in case.kind.guidance(case, TODAY)]
    assert hints[0].startswith("Ngành, nghề ghi trên giấy chứng nhận: HTX đăng ký thay đổi.")


def test_a_late_notice_is_a_warning_that_a_reason_overrules(cooperative, officer):
    case = open_case(cooperative, officer, resolution_on=OPENED, notified_on=date(2025, 12, 12))
    case = steps(case, officer, "start", day=OPENED)
    said = "Thông báo thay đổi ngành, nghề đã quá hạn: hết ngày 11/12/2025."
    problems = refused(lambda: steps(case, officer, "submit", day=date(2025, 12, 12)))
    assert problems == [said, "Nếu vẫn tiếp tục, hãy ghi lý do vào ghi chú."]
    case = steps(case, officer, "submit", day=date(2025, 12, 12), note="HTX ở xa")
    assert f"Đã tiếp tục dù: {said}" in case.events.last().note
    assert steps(case, officer, "complete", day=date(2025, 12, 15)).status == "completed"


def test_on_the_last_day_a_notice_is_not_late(cooperative, officer):
    case = open_case(cooperative, officer, resolution_on=OPENED, notified_on=date(2025, 12, 11))
    assert steps(case, officer, "start", "submit", day=date(2025, 12, 11)).status == "submitted"


def test_a_difference_without_a_resolution_is_a_warning(cooperative, officer):
    case = open_case(cooperative, officer, lines=[{"action": "add", "line": line("1076", "2025")}])
    case = steps(case, officer, "start", "submit")
    assert refused(lambda: steps(case, officer, "complete"))[0] == (
        "Chưa ghi nghị quyết đại hội thành viên về ngành, nghề."
    )


def test_lines_of_another_version_than_that_of_the_day_are_a_warning(cooperative, officer):
    case = open_case(cooperative, officer, resolution_on=OPENED, lines=[{"action": "add", "line": line("1076")}])
    case = steps(case, officer, "start", day=OPENED)
    assert refused(lambda: steps(case, officer, "submit", day=OPENED))[0] == (
        "Ngành mới không thuộc VSIC 2025 đang có hiệu lực ngày 01/12/2025: 1076."
    )
    assert of_another_version([line("1076")], date(2025, 11, 14)) == []


def test_the_day_of_the_answer_is_set_when_the_notice_is_sent_and_only_where_it_is_empty(cooperative, officer):
    new = steps(open_case(cooperative, officer), officer, "start", "submit", day=OPENED)
    assert new.appointment_on == date(2025, 12, 4)
    old = open_case(cooperative, officer, opened_on=date(2023, 5, 4))
    old = steps(old, officer, "start", "submit", day=date(2023, 5, 15))
    assert old.appointment_on == date(2023, 5, 22)
    given_day = open_case(cooperative, officer)
    change_case(given_day, {"appointment_on": date(2025, 12, 30)}, by=officer, today=TODAY)
    assert steps(given_day, officer, "start", "submit", day=OPENED).appointment_on == date(2025, 12, 30)


def test_without_the_rules_there_is_no_term_and_no_appointment(cooperative, officer):
    LegalRule.objects.all().delete()
    case = steps(open_case(cooperative, officer, resolution_on=OPENED), officer, "start", "submit", day=OPENED)
    assert (last_day_of(case), case.appointment_on) == (None, None)


special_days = st.dictionaries(
    st.dates(date(2024, 6, 1), date(2024, 9, 30)), st.sampled_from(DayKind.values), max_size=25
)


@hypothesis_settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(resolved=st.dates(date(2024, 6, 1), date(2024, 7, 31)), special=special_days)
@pytest.mark.once
def test_terms_against_a_walk_from_day_to_day(resolved, special):
    Holiday.objects.all().delete()
    Holiday.objects.bulk_create([Holiday(day=day, kind=kind, name="Thử") for day, kind in special.items()])

    def is_worked(day):
        kind = special.get(day)
        return kind == "working" or (kind is None and day.isoweekday() <= 5)

    old = resolved < date(2024, 7, 1)
    end = resolved
    for _n in range(15 if old else 10):
        end += ONE_DAY
    while not is_worked(end):
        end += ONE_DAY
    assert last_day(resolved, resolved) == end
    answer, left = resolved, 5 if old else 3
    while left:
        answer += ONE_DAY
        left -= is_worked(answer)
    assert answer_day(resolved, resolved) == answer


# The review as acts


def test_the_review_begins_with_the_list_of_the_register_and_is_filled_once(cooperative, officer):
    case = open_case(cooperative, officer)
    assert fill_from_register(case, by=officer, today=TODAY) == 3
    assert fill_from_register(case, by=officer, today=TODAY) == 0
    rows = case.linereview_rows.select_related("present__line")
    assert [(r.action, r.present.line.code, r.detail, r.is_main) for r in rows] == [
        ("keep", "0127", "Trồng chè", True),
        ("keep", "0131", "Ươm chè", False),
        ("keep", "4669", "Bán buôn phân bón", False),
    ]
    assert case.events.last().note == "Rà soát ngành, nghề: Giữ: 3."


def test_a_stale_review_is_not_saved(cooperative, officer):
    case = open_case(cooperative, officer)
    fill_from_register(case, by=officer, today=TODAY, version=case.version)
    with pytest.raises(StaleVersion):
        save_review(case, [], by=officer, today=TODAY, version=case.version)
    assert case.linereview_rows.count() == 3


def test_a_review_of_a_closed_case_is_not_written(cooperative, officer):
    case = steps(open_case(cooperative, officer), officer, "start", "withdraw", note="Thôi")
    said = ["Hồ sơ đã kết thúc, mở lại rồi mới sửa."]
    assert refused(lambda: fill_from_register(case, by=officer, today=TODAY)) == said
    assert refused(lambda: save_review(case, [], by=officer, today=TODAY)) == said


@pytest.mark.django_db(transaction=True)
def test_of_two_who_begin_the_review_at_once_the_lines_come_once(cooperative, officer):
    case = open_case(cooperative, officer)
    results = at_once(*[lambda: fill_from_register(case, by=officer, today=TODAY)] * 2)
    assert sorted(results) == [0, 3]
    assert case.linereview_rows.count() == 3


@pytest.mark.django_db(transaction=True)
def test_of_two_cases_completed_at_once_one_is_told_the_list_was_changed(cooperative, officer):
    cases = []
    for code in ("1076", "1074"):
        lines = [{"action": "add", "line": line(code, "2025")}]
        case = open_case(cooperative, officer, resolution_on=OPENED, notified_on=NOTIFIED, lines=lines)
        cases.append(steps(case, officer, "start", "submit", day=NOTIFIED))
    results = at_once(*[lambda case=case: steps(case, officer, "complete", day=date(2025, 12, 12)) for case in cases])
    assert len(of_kind(results, Case)) == 1
    (refusal,) = of_kind(results, NotAllowedNow)
    assert refusal.problems == [
        "Danh sách ngành, nghề đã có thay đổi ghi từ ngày 09/12/2025; ngày thay đổi mới phải sau ngày đó."
    ]
    assert cooperative.business_lines.filter(valid_from=NOTIFIED).count() == 1


# The pages


@pytest.fixture
def page(officer):
    client = Client()
    client.force_login(officer)
    return client


def form_of(case, **sent):
    """What the form of the review sends: every row as it is stored, and ``sent`` over it."""
    case = Case.objects.get(pk=case.pk)
    values = {"version": case.version, "main": ""}
    for each in case.linereview_rows.select_related("line"):
        values |= {
            f"action_{each.pk}": each.action, f"typed_{each.pk}": str(each.line or ""),
            f"line_{each.pk}": each.line_id or "", f"detail_{each.pk}": each.detail, f"note_{each.pk}": each.note,
        }  # fmt: skip
        values["main"] = each.pk if each.is_main else values["main"]
    for key in ("new1", "new2"):
        values |= {f"{name}_{key}": "" for name in ("typed", "line", "detail", "note")}
    return values | sent


def send(page, case, **sent):
    return page.post(reverse("support:lines-review", args=[case.reference]), form_of(case, **sent))


def text_of(answer):
    return " ".join(answer.content.decode().split())


@pytest.fixture
def reviewed(cooperative, officer):
    """A case whose review was begun from the register; rows by code."""
    case = open_case(cooperative, officer)
    fill_from_register(case, by=officer, today=TODAY)
    keys = {each.present.line.code: each.pk for each in case.linereview_rows.select_related("present__line")}
    return case, keys


def stored(case):
    rows = case.linereview_rows.select_related("present__line", "line")
    return [(r.action, str(r.line or ""), r.detail, r.is_main) for r in rows]


def test_lines_are_chosen_without_javascript_by_code_or_by_words(page, reviewed):
    case, keys = reviewed
    answer = send(
        page, case,
        **{f"action_{keys['0131']}": "move", f"typed_{keys['0131']}": "0130", f"action_{keys['4669']}": "drop",
           "typed_new1": "san xuat che", "detail_new1": "Chè Shan", "note_new1": "ATTP", "main": "new1"},
    )  # fmt: skip
    assert (answer.status_code, answer["Location"]) == (302, reverse("support:case", args=[case.reference]))
    assert stored(case) == [
        ("keep", "", "Trồng chè", False),
        ("move", "0130 Nhân và chăm sóc cây giống nông nghiệp", "Ươm chè", False),
        ("drop", "", "Bán buôn phân bón", False),
        ("add", "1076 Sản xuất chè", "Chè Shan", True),
    ]


def test_what_the_type_ahead_found_counts_for_just_the_words_it_was_found_for(page, reviewed):
    case, _keys = reviewed
    old, new = line("0131"), line("0130", "2025")
    send(page, case, typed_new1=str(old), line_new1=old.pk, detail_new1="A")
    assert stored(case)[-1][:2] == ("add", str(old))
    key = case.linereview_rows.last().pk
    send(page, case, **{f"typed_{key}": "0130", f"line_{key}": old.pk})
    assert stored(case)[-1][:2] == ("add", str(new))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("bán buôn", "Có nhiều ngành khớp, hãy gõ mã của một ngành: "),
        ("9999", "Không tìm thấy ngành này trong VSIC 2025."),
        ("<b>xyz</b>", "Không tìm thấy ngành này trong VSIC 2025."),
    ],
)
def test_words_that_are_not_clear_are_asked_about_and_kept(page, reviewed, typed, said):
    case, _keys = reviewed
    before = stored(case)
    answer = send(page, case, typed_new1=typed, detail_new1="Chi tiết gõ dở")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert said in text and "Chi tiết gõ dở" in text and "<b>xyz" not in text
    assert stored(case) == before


def test_a_proposal_is_taken_over_with_one_press_and_nothing_else_moves(page, reviewed):
    case, keys = reviewed
    text = text_of(page.get(reverse("support:lines-review", args=[case.reference])))
    target = line("0130", "2025")
    press = f"{keys['0131']}:{target.pk}"
    assert f'name="take" value="{press}"' in text
    assert "VSIC 2025: Gộp nhiều mã" in text
    answer = send(page, case, take=press)
    assert (answer.status_code, answer["Location"]) == (302, reverse("support:lines-review", args=[case.reference]))
    assert stored(case) == [
        ("keep", "", "Trồng chè", True),
        ("move", str(target), "Ươm chè", False),
        ("keep", "", "Bán buôn phân bón", False),
    ]


def test_what_was_not_proposed_is_not_taken_over(page, reviewed):
    case, keys = reviewed
    for take in (f"{keys['0131']}:{line('0111', '2025').pk}", "1:2", "x", "", f"{keys['0131']}:", "9" * 50):
        send(page, case, take=take)
    assert {action for action, *_rest in stored(case)} == {"keep"}


def test_before_the_new_classification_nothing_is_proposed(page, cooperative, officer):
    case = open_case(cooperative, officer, opened_on=date(2025, 11, 14))
    fill_from_register(case, by=officer, today=TODAY)
    text = text_of(page.get(reverse("support:lines-review", args=[case.reference])))
    assert "Nhận đề xuất" not in text
    assert "Ngành mới tìm trong VSIC 2018." in text


def test_looking_shows_the_result_with_its_problems_and_saves_nothing(page, reviewed):
    case, _keys = reviewed
    before = stored(case)
    answer = send(page, case, look="1", typed_new1="0127", detail_new1="trồng chè", main="")
    text = text_of(answer)
    assert answer.status_code == 200
    assert "Cần chọn một ngành chính." in text and "Sau thay đổi" in text
    assert stored(case) == before


def test_a_double_is_told_beside_its_line(page, cooperative, officer, reviewed):
    case, _keys = reviewed
    send(page, case, typed_new1="1076", detail_new1="Chè")
    send(page, case, typed_new1="1076", detail_new1="chè")
    key = case.linereview_rows.last().pk
    text = text_of(page.get(reverse("support:lines-review", args=[case.reference])))
    shown = text.partition(f'id="dong-{key}"')[2].partition("</section>")[0]
    assert "Trùng ngành và chi tiết với dòng khác: 1076 Sản xuất chè." in shown
    assert "Trùng ngành và chi tiết" in text_of(page.get(reverse("support:case", args=[case.reference])))


def test_a_line_that_was_to_be_added_is_taken_out_again(page, reviewed):
    case, _keys = reviewed
    send(page, case, typed_new1="1076")
    key = case.linereview_rows.last().pk
    send(page, case, **{f"action_{key}": "gone"})
    assert len(stored(case)) == 3


def test_a_correction_may_change_the_detail_alone(page, reviewed):
    case, keys = reviewed
    send(page, case, **{f"action_{keys['0131']}": "correct", f"detail_{keys['0131']}": "Ươm chè Shan"})
    assert stored(case)[1] == ("correct", "0131 Nhân và chăm sóc cây giống hàng năm", "Ươm chè Shan", False)


def test_a_form_that_is_stale_is_told_so_and_loses_nothing(page, reviewed, officer):
    case, _keys = reviewed
    sent = form_of(case, typed_new1="1076", detail_new1="Gõ dở")
    save_review(case, [{"id": each.pk} for each in case.linereview_rows.all()], by=officer, today=TODAY)
    answer = page.post(reverse("support:lines-review", args=[case.reference]), sent)
    assert answer.status_code == 409
    assert "Gõ dở" in answer.content.decode()
    assert len(stored(case)) == 3


HOSTILE = ["", "x", "-1", "0", "9" * 40, "1.5", "\u0000", "<script>alert(1)</script>", "٣", "' OR 1=1 --"]


@pytest.mark.parametrize("name", ["version", "main", "action", "typed", "line", "detail", "note", "take"])
@pytest.mark.parametrize("value", HOSTILE)
def test_any_value_in_any_field_is_answered_and_nothing_is_half_written(page, reviewed, name, value):
    case, keys = reviewed
    before = stored(case)
    field = name if name in ("version", "main", "take") else f"{name}_{keys['0131']}"
    sent = {field: value}
    if name in ("typed", "line"):
        sent[f"action_{keys['0131']}"] = "move"
    answer = send(page, case, **sent)
    assert answer.status_code in (200, 302, 409)
    assert "<script>alert" not in answer.content.decode()
    assert len(stored(case)) == len(before)


def test_a_form_with_nothing_in_it_is_answered(page, reviewed):
    case, _keys = reviewed
    assert page.post(reverse("support:lines-review", args=[case.reference])).status_code == 200
    assert len(stored(case)) == 3


def test_the_review_of_a_case_about_something_else_is_no_page(page, officer, cooperative):
    other = make_case(cooperative, by=officer, topic="tax", title="Thuế")
    assert page.get(reverse("support:lines-review", args=[other.reference])).status_code == 404
    assert page.post(reverse("support:lines-fill", args=[other.reference])).status_code == 404


def test_the_button_fills_from_the_register_and_a_closed_case_says_why_not(page, cooperative, officer):
    case = open_case(cooperative, officer)
    assert page.post(reverse("support:lines-fill", args=[case.reference])).status_code == 302
    assert len(stored(case)) == 3
    closed = steps(open_case(cooperative, officer), officer, "withdraw", note="Thôi")
    answer = page.post(reverse("support:lines-fill", args=[closed.reference]), follow=True)
    assert "Hồ sơ đã kết thúc, mở lại rồi mới sửa." in answer.content.decode()


def test_the_cooperative_reads_its_review_without_problems_and_without_buttons(cooperative, officer):
    case = open_case(cooperative, officer, lines=[{"action": "drop", "present": row(cooperative, "0127")}])
    own = Client()
    own.force_login(make_user(Role.COOPERATIVE, cooperative=cooperative))
    text = text_of(own.get(reverse("support:case", args=[case.reference])))
    assert "Rà soát từng ngành" in text and "Trồng chè" in text
    assert (
        "Cần chọn một ngành chính." not in text and reverse("support:lines-review", args=[case.reference]) not in text
    )
    assert own.get(reverse("support:lines-review", args=[case.reference])).status_code == 403


def test_the_page_of_a_completed_case_shows_its_review_as_it_was(page, cooperative, officer):
    case = open_case(cooperative, officer, **full_details(cooperative))
    steps(case, officer, "start", "submit", "complete", day=date(2025, 12, 12))
    cooperative.business_lines.filter(valid_to=None).update(valid_to=TODAY)
    text = text_of(page.get(reverse("support:case", args=[case.reference])))
    shown = text.partition('id="ra-soat"')[2].partition("</section>")[0]
    assert "0131" in shown and "0130" in shown and "Vướng" not in shown
    assert "khi hồ sơ hoàn thành" not in shown
    assert "Sổ đăng ký đã đổi từ ngày" in text


def test_pages_ask_as_often_for_many_rows_as_for_one(page, officer):
    counts = []
    for codes in (["0131"], ["0127", "0131", "0132", "1104", "4669", "5510", "3600", "1076", "1074", "1030"]):
        cooperative = make_cooperative()
        for place, code in enumerate(codes):
            cooperative.business_lines.create(line=line(code), is_main=place == 0, valid_from=BEGAN)
        case = open_case(cooperative, officer, resolution_on=OPENED)
        fill_from_register(case, by=officer, today=TODAY)
        asked = []
        for name in ("support:case", "support:lines-review"):
            with CaptureQueriesContext(connection) as queries:
                page.get(reverse(name, args=[case.reference]))
            asked.append(len(queries))
        counts.append(asked)
    assert counts[0] == counts[1]


# The API


def test_the_api_takes_and_gives_the_review_typed(page, cooperative):
    sent = {
        "cooperative": cooperative.pk, "topic": "business_lines", "title": "Rà soát",
        "details": {
            "resolution_on": "2025-12-04", "resolution_no": "05/NQ",
            "lines": [{"action": "move", "present": row(cooperative, "0131").pk, "line": line("0130", "2025").pk,
                       "detail": "Ươm chè", "is_main": False, "note": ""}],
        },
    }  # fmt: skip
    answer = page.post("/api/v1/cases/", sent, content_type="application/json")
    assert answer.status_code == 201, answer.json()
    details = answer.json()["details"]
    (given_row,) = details.pop("lines")
    assert given_row.pop("id")
    assert given_row == sent["details"]["lines"][0]
    assert details == {
        "minutes_on": None, "resolution_on": "2025-12-04", "resolution_no": "05/NQ", "notified_on": None,
        "target_version": "", "summary": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    "lines",
    [
        "x",
        [1],
        [{"action": "burn"}],
        [{"action": "add", "line": 10**30}],
        [{"present": "' --"}],
        [{"detail": "x" * 301}],
        [{"action": "keep", "present": 1.5}],
        {"action": "keep"},
        [{"action": "add"}],
    ],
)
@pytest.mark.once
def test_the_api_refuses_a_review_that_cannot_be(page, cooperative, lines):
    sent = {
        "cooperative": cooperative.pk, "topic": "business_lines", "title": "Rà soát", "details": {"lines": lines},
    }  # fmt: skip
    answer = page.post("/api/v1/cases/", sent, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json().keys() <= {"details", "lines"}
    assert not Case.objects.exists()


def test_the_api_tells_why_a_list_cannot_be_completed(page, cooperative, officer):
    case = open_case(cooperative, officer, lines=[{"action": "drop", "present": row(cooperative, "0127")}])
    steps(case, officer, "start")
    path = f"/api/v1/cases/{case.reference}/steps/"
    answer = page.post(path, {"step": "complete", "note": "Xong"}, content_type="application/json")
    assert (answer.status_code, answer.json()["problems"]) == (409, ["Cần chọn một ngành chính."])


# Long lists


@pytest.fixture
def long_review(officer):
    """A case about a cooperative with thirty lines, the first being the main one, all kept so far."""
    party = make_cooperative()
    for place, each in enumerate(VsicLine.objects.filter(version="2018").order_by("code")[:30]):
        party.business_lines.create(line=each, is_main=place == 0, valid_from=BEGAN)
    case = open_case(party, officer)
    fill_from_register(case, by=officer, today=TODAY)
    return case


def second_page(case, **sent):
    """What the second page of the form sends: its twelve rows only."""
    shown = {str(each.pk) for each in case.linereview_rows.all()[12:24]}
    values = form_of(case, **sent)
    return {n: v for n, v in values.items() if n.rpartition("_")[2] in {*shown, "new1", "new2", "version", "main"}}


def test_a_long_review_is_written_page_by_page_and_the_other_pages_stay(page, long_review):
    address = reverse("support:lines-review", args=[long_review.reference]) + "?page=2"
    key = long_review.linereview_rows.all()[12].pk
    answer = page.post(address, second_page(long_review, main="", **{f"action_{key}": "drop"}))
    assert answer.status_code == 302
    rows = stored(long_review)
    assert [place for place, each in enumerate(rows) if each[0] == "drop"] == [12]
    assert [place for place, each in enumerate(rows) if each[3]] == [0]
    page.post(address, second_page(long_review, main=key + 1))
    assert [place for place, each in enumerate(stored(long_review)) if each[3]] == [13]


def test_no_page_of_a_long_review_is_heavy(page, long_review):
    address = reverse("support:lines-review", args=[long_review.reference])
    pages = [address, f"{address}?page=3", f"{address}?page=99", reverse("support:case", args=[long_review.reference])]
    assert [len(page.get(path).content) > 50_000 for path in pages] == [False] * 4

"""Referrals to other agencies: sent, answered, withdrawn, and told to the leaders once when the answer is late."""

from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from cooperatives.errors import InvalidEntry, NotAllowedNow, StaleVersion
from cooperatives.models import Agency, Holiday, LegalRule
from htx_portal.accounts.models import Role
from support_cases.access import referrals_for
from support_cases.choices import AnswerKind, Status
from support_cases.history import labels, public_events, public_words
from support_cases.models import Case, CaseEvent, Referral
from support_cases.public_status import look_up
from support_cases.referrals import answer, default_expected_day, escalate, escalate_late, refer, withdraw
from support_cases.tasks import escalate_late_referrals
from support_cases.workflow import STEPS, take_step
from tests.contents import nothing_written
from tests.factories import make_case, make_cooperative, make_user
from tests.racing import at_once, of_kind

pytestmark = [pytest.mark.django_db, pytest.mark.database]

OPENED, SENT, EXPECTED, TODAY = date(2023, 9, 1), date(2023, 9, 6), date(2023, 9, 20), date(2023, 9, 20)
QUESTION = "Đề nghị xác nhận HTX không nợ thuế."
WAITS = "Đã chuyển cơ quan phối hợp, chờ trả lời."


@pytest.fixture
def case(db) -> Case:
    """A case that is being advised on, opened on 01/09/2023."""
    row = make_case(topic="tax", today=OPENED)
    return take_step(row, "start", by=row.officer, today=OPENED)


@pytest.fixture
def agency(db) -> Agency:
    return make_agency()


@pytest.fixture
def rules(db):
    """The office's own terms: ten working days for an answer, three more before the leaders are told."""
    set_rule("referral.answer_working_days", 10)
    set_rule("referral.escalate_after_working_days", 3)


def set_rule(key: str, value) -> LegalRule:
    return LegalRule.objects.create(key=key, value=str(value), unit="working_day", valid_from=date(2022, 1, 1))


def make_agency(name="Chi cục Thuế khu vực thử", **fields) -> Agency:
    fields = {"code": f"test-{Agency.objects.count()}", "kind": "tax", "valid_from": date(2020, 1, 1)} | fields
    return Agency.objects.create(name_vi=name, **fields)


def send(case: Case, agency: Agency, question: str = QUESTION, **how) -> Referral:
    how = {"by": case.officer, "today": TODAY, "sent_on": SENT, "expected_on": EXPECTED} | how
    return refer(case, agency, question, **how)


def say(referral: Referral, **how) -> Referral:
    how = {"kind": "answered", "words": "HTX không nợ thuế.", "today": TODAY} | how
    return answer(referral, by=referral.sent_by, **how)


def refused(act, *args, **how) -> dict[str, list[str]]:
    """The messages by field of an entry that is refused and leaves nothing behind."""
    with nothing_written(), pytest.raises(InvalidEntry) as refusal:
        act(*args, **how)
    return {name: [str(message) for message in messages] for name, messages in refusal.value.problems.items()}


def not_now(act, *args, **how) -> list[str]:
    """The words of an act that does not fit the present state and leaves nothing behind."""
    with nothing_written(), pytest.raises(NotAllowedNow) as refusal:
        act(*args, **how)
    return refusal.value.problems


class TestSending:
    def test_a_referral_keeps_the_day_of_the_letter_and_the_moment_it_was_typed(self, case, agency):
        row = send(case, agency, letter_no=" 12/TCT ", version=2)
        row.refresh_from_db()
        assert (row.sent_on, row.expected_on, row.question, row.letter_no) == (SENT, EXPECTED, QUESTION, "12/TCT")
        assert (row.sent_by, row.version) == (case.officer, 1)
        assert timezone.now() - row.recorded_at < timedelta(minutes=1)

    def test_the_history_says_to_whom_until_when_and_what(self, case, agency):
        send(case, agency, letter_no="12/TCT")
        line = case.events.last()
        assert (line.step, line.effective_on, line.actor) == ("refer", SENT, case.officer)
        assert line.note == (f"Gửi Chi cục Thuế khu vực thử, hẹn trả lời 20/09/2023.\nCông văn số 12/TCT.\n{QUESTION}")
        assert labels()["refer"] == "Chuyển cơ quan phối hợp"

    def test_the_case_stays_in_its_state_and_its_version_grows(self, case, agency):
        send(case, agency)
        after = Case.objects.get()
        assert (after.status, after.version) == (Status.ADVISING, case.version + 1)

    def test_without_a_day_the_answer_is_asked_for_by_the_office_rule(self, case, agency, rules):
        assert send(case, agency, expected_on=None).expected_on == date(2023, 9, 20)

    def test_without_a_rule_the_day_must_be_written(self, case, agency):
        said = refused(send, case, agency, expected_on=None)
        assert said == {"expected_on": ["Chưa có quy định về thời hạn trả lời, hãy ghi ngày hẹn."]}

    @pytest.mark.parametrize(
        ("how", "problems"),
        [
            ({"sent_on": OPENED - timedelta(days=1)}, {"sent_on": ["Ngày phải từ ngày mở hồ sơ đến hôm nay."]}),
            ({"sent_on": TODAY + timedelta(days=1)}, {"sent_on": ["Ngày phải từ ngày mở hồ sơ đến hôm nay."]}),
            (
                {"expected_on": SENT - timedelta(days=1)},
                {"expected_on": ["Ngày hẹn trả lời không thể trước ngày gửi."]},
            ),
            ({"expected_on": date(2033, 9, 20)}, {"expected_on": ["Ngày này quá xa, xin kiểm tra năm."]}),
            ({"letter_no": "x" * 61}, {"letter_no": ["Nhiều nhất 60 ký tự (bạn đã ghi 61)."]}),
        ],
    )
    def test_what_cannot_be_right_is_refused_beside_its_field(self, case, agency, how, problems):
        said = refused(send, case, agency, **how)
        assert said.keys() == problems.keys()
        if "letter_no" not in problems:
            assert said == problems

    @pytest.mark.parametrize("question", ["", " \n ", "\u200b"])
    def test_a_question_without_words_is_refused(self, case, agency, question):
        assert list(refused(send, case, agency, question)) == ["question"]

    def test_text_pasted_in_pieces_is_kept_whole_with_its_lines(self, case, agency):
        row = send(case, agency, "Đề nghị xác nhận:\r\n- nợ thuế ")
        assert row.question == "Đề nghị xác nhận:\n- nợ thuế"

    def test_an_agency_that_was_not_there_is_refused_and_who_took_over_is_named(self, case):
        last = make_agency("Thuế cơ sở")
        between = make_agency("Chi cục cũ", valid_from=date(2010, 1, 1), valid_to=date(2019, 12, 31), successor=last)
        first = make_agency("Chi cục cũ hơn", valid_from=date(2000, 1, 1), valid_to=date(2009, 12, 31))
        first.successor = between
        first.save()
        for gone in (first, between):
            assert refused(send, case, gone) == {
                "agency": ["Cơ quan này không hoạt động vào ngày gửi. Hãy chọn Thuế cơ sở."]
            }

    def test_an_agency_of_a_later_time_is_refused_plainly(self, case):
        agency = make_agency(valid_from=SENT + timedelta(days=1))
        agency.successor = agency
        agency.save()
        assert refused(send, case, agency) == {"agency": ["Cơ quan này không hoạt động vào ngày gửi."]}

    @pytest.mark.parametrize("status", Status)
    @pytest.mark.once
    def test_an_open_case_may_be_referred_and_a_closed_one_not(self, agency, status):
        case = case_in(status)
        if case.is_open:
            assert send(case, agency).is_open
        else:
            assert not_now(send, case, agency) == ["Hồ sơ đã kết thúc, mở lại rồi mới chuyển cơ quan phối hợp."]

    def test_the_same_question_is_not_sent_twice_to_one_agency_while_it_waits(self, case, agency):
        first = send(case, agency)
        assert not_now(send, case, agency, f"{QUESTION}\n") == [
            "Nội dung này đã chuyển cơ quan đó và đang chờ trả lời."
        ]
        assert send(case, agency, "Câu hỏi khác.").is_open
        assert send(case, make_agency("Quỹ"), QUESTION).is_open
        say(first)
        assert send(case, agency).is_open

    def test_a_stale_form_is_told_so(self, case, agency):
        send(case, agency, version=2)
        with nothing_written(), pytest.raises(StaleVersion):
            send(case, agency, "Câu hỏi khác.", version=2)


def case_in(status: Status) -> Case:
    """A case opened on 01/09/2023 that was led to ``status`` by steps."""
    row = make_case(topic="tax", today=OPENED)
    ways = {
        Status.NEW: [],
        Status.ADVISING: ["start"],
        Status.WAITING_COOPERATIVE: ["start", "request_papers"],
        Status.SUBMITTED: ["start", "submit"],
        Status.WAITING_RESULT: ["start", "submit", "await_result"],
        Status.COMPLETED: ["start", "complete"],
        Status.WITHDRAWN: ["withdraw"],
        Status.NOT_ELIGIBLE: ["not_eligible"],
        Status.UNREACHABLE: ["unreachable"],
        Status.STOPPED: ["stop"],
    }
    for code in ways[status]:
        row = take_step(row, code, by=row.officer, today=OPENED, note="Lý do" if STEPS[code].needs_note else "")
    assert row.status == status
    return row


class TestAnswer:
    @pytest.mark.parametrize("kind", AnswerKind)
    def test_the_answer_is_kept_with_its_day_kind_and_words(self, case, agency, kind):
        row = say(send(case, agency), kind=kind.value, answered_on=date(2023, 9, 15), version=1)
        row.refresh_from_db()
        assert (row.answered_on, row.answer_kind, row.answer) == (date(2023, 9, 15), kind, "HTX không nợ thuế.")
        assert (row.version, row.is_open) == (2, False)
        line = case.events.last()
        assert (line.step, line.effective_on) == ("referral_answered", date(2023, 9, 15))
        assert line.note == f"Chi cục Thuế khu vực thử: {kind.label}.\nHTX không nợ thuế."

    @pytest.mark.parametrize(
        ("how", "fields"),
        [
            ({"answered_on": SENT - timedelta(days=1)}, ["answered_on"]),
            ({"answered_on": TODAY + timedelta(days=1)}, ["answered_on"]),
            ({"kind": "maybe"}, ["answer_kind"]),
            ({"kind": ""}, ["answer_kind"]),
            ({"words": " \u200b"}, ["answer"]),
            ({"kind": "", "words": "", "answered_on": date(1999, 1, 1)}, ["answer", "answer_kind", "answered_on"]),
        ],
    )
    def test_what_cannot_be_right_is_refused_beside_its_field(self, case, agency, how, fields):
        assert sorted(refused(say, send(case, agency), **how)) == fields

    def test_an_answer_after_the_end_of_the_case_is_still_logged(self, case, agency):
        row = send(case, agency)
        take_step(case, "complete", by=case.officer, today=TODAY)
        assert say(row).answered_on == TODAY
        assert Case.objects.get().status == Status.COMPLETED

    def test_nothing_happens_to_a_referral_that_is_done(self, case, agency):
        done = say(send(case, agency))
        taken_back = withdraw(send(case, agency, "Khác"), "Không cần nữa", by=case.officer, today=TODAY)
        for row, said in (
            (done, "Cơ quan phối hợp đã trả lời việc này."),
            (taken_back, "Việc chuyển này đã rút lại."),
        ):
            assert not_now(say, row) == [said]
            assert not_now(withdraw, row, "Lý do", by=case.officer, today=TODAY) == [said]
            assert not_now(escalate, row, "Gấp", by=case.officer, today=date(2024, 1, 1)) == [said]

    def test_a_stale_form_is_told_so(self, case, agency):
        row = send(case, agency)
        escalate(row, "Đã gọi ba lần", by=case.officer, today=EXPECTED + timedelta(days=1), version=1)
        with nothing_written(), pytest.raises(StaleVersion):
            say(row, version=1)
        with nothing_written(), pytest.raises(StaleVersion):
            withdraw(row, "Lý do", by=case.officer, today=TODAY, version=1)

    @pytest.mark.django_db(transaction=True)
    def test_of_two_answers_at_once_one_is_kept(self, case, agency):
        row = send(case, agency)
        results = at_once(lambda: say(row, version=1), lambda: say(row, version=1, kind="refused"))
        assert (len(of_kind(results, Referral)), len(of_kind(results, StaleVersion))) == (1, 1)
        assert case.events.filter(step="referral_answered").count() == 1


class TestWithdrawal:
    def test_a_question_is_taken_back_with_a_reason(self, case, agency):
        row = withdraw(
            send(case, agency), "HTX tự hỏi được.", by=case.officer, today=TODAY, withdrawn_on=date(2023, 9, 12)
        )
        row.refresh_from_db()
        assert (row.withdrawn_on, row.withdrawn_reason, row.version) == (date(2023, 9, 12), "HTX tự hỏi được.", 2)
        line = case.events.last()
        assert (line.step, line.effective_on) == ("referral_withdrawn", date(2023, 9, 12))
        assert line.note == "Chi cục Thuế khu vực thử.\nHTX tự hỏi được."

    @pytest.mark.parametrize(
        ("reason", "day", "fields"),
        [
            ("", TODAY, ["withdrawn_reason"]),
            ("Lý do", SENT - timedelta(days=1), ["withdrawn_on"]),
            ("Lý do", TODAY + timedelta(days=1), ["withdrawn_on"]),
        ],
    )
    def test_a_missing_reason_and_a_wrong_day_are_refused(self, case, agency, reason, day, fields):
        row = send(case, agency)
        assert list(refused(withdraw, row, reason, by=case.officer, today=TODAY, withdrawn_on=day)) == fields


class TestDays:
    @given(
        sent_on=st.dates(date(2022, 1, 3), date(2026, 12, 20)),
        term=st.integers(0, 40),
        off=st.sets(st.integers(0, 60), max_size=15),
        worked=st.sets(st.integers(0, 60), max_size=10),
    )
    def test_the_day_of_answer_is_the_one_counted_on_a_wall_calendar(self, sent_on, term, off, worked):
        with transaction.atomic():
            set_rule("referral.answer_working_days", term)
            holidays = shuffled_holidays(sent_on, off, worked)
            day, left = sent_on, term
            while left:
                day += timedelta(days=1)
                left -= is_worked(day, holidays)
            assert default_expected_day(sent_on) == day
            transaction.set_rollback(True)

    def test_the_last_day_is_not_late_and_the_next_one_is(self, case, agency):
        row = send(case, agency)
        after = EXPECTED + timedelta(days=1)
        assert [(row.days_left(day), row.is_late(day), row.state(day)) for day in (EXPECTED, after)] == [
            (0, False, "waiting"),
            (-1, True, "late"),
        ]
        for day, states in ((EXPECTED, ["waiting", "open"]), (after, ["late", "open"])):
            every = ("waiting", "late", "escalated", "answered", "withdrawn", "open")
            assert [state for state in every if Referral.objects.in_state(state, day).exists()] == states

    def test_each_state_lists_its_own(self, case, agency):
        late = EXPECTED + timedelta(days=1)
        rows = {name: send(case, agency, name) for name in ("waiting", "late", "escalated", "answered", "withdrawn")}
        Referral.objects.filter(pk=rows["waiting"].pk).update(expected_on=late)
        escalate(rows["escalated"], "Gấp", by=case.officer, today=late)
        say(rows["answered"])
        withdraw(rows["withdrawn"], "Thôi", by=case.officer, today=TODAY)
        found = {
            state: sorted(Referral.objects.in_state(state, late).values_list("question", flat=True))
            for state in (*rows, "open")
        }
        assert found == {
            "waiting": ["waiting"],
            "late": ["escalated", "late"],
            "escalated": ["escalated"],
            "answered": ["answered"],
            "withdrawn": ["withdrawn"],
            "open": ["escalated", "late", "waiting"],
        }
        assert [row.state(late) for row in Referral.objects.order_by("pk")] == list(rows)
        assert [row.question for row in Referral.objects.open_first()][:3] == ["late", "escalated", "waiting"]
        assert Referral.objects.get(question="answered").days_left(late) is None


def shuffled_holidays(start: date, off: set[int], worked: set[int]) -> dict[date, str]:
    """Write days off and make-up days, so many days after ``start``, and return them by day."""
    days = {start + timedelta(days=n): "off" for n in off} | {start + timedelta(days=n): "working" for n in worked}
    Holiday.objects.bulk_create([Holiday(day=day, kind=kind, name="Thử") for day, kind in days.items()])
    return days


def is_worked(day: date, holidays: dict[date, str]) -> bool:
    """Whether offices work on a day, read off a wall calendar."""
    return holidays.get(day, "working" if day.weekday() < 5 else "off") == "working"


@pytest.mark.usefixtures("rules")
class TestEscalation:
    def test_it_comes_on_the_fourth_working_day_after_the_day_of_answer(self, case, agency):
        row = send(case, agency)  # due on Wednesday 20/09/2023; three working days later is Monday 25/09
        done = {}
        for day in (date(2023, 9, number) for number in range(19, 30)):
            done[day] = escalate_late(day)
        assert {day: count for day, count in done.items() if count} == {date(2023, 9, 26): 1}
        row.refresh_from_db()
        assert (row.escalated_on, row.state(date(2023, 9, 29)), row.version) == (
            date(2023, 9, 26), "escalated", 2,
        )  # fmt: skip

    def test_the_history_says_who_is_late_and_nobody_did_it(self, case, agency):
        send(case, agency)
        escalate_late(date(2023, 9, 26))
        line = case.events.last()
        assert (line.step, line.actor, line.effective_on) == ("referral_escalated", None, date(2023, 9, 26))
        assert line.note == "Chi cục Thuế khu vực thử chưa trả lời, hẹn đến 20/09/2023."

    def test_the_portal_leaves_the_version_of_the_case_to_the_people_who_have_it_open(self, case, agency):
        send(case, agency)
        before = Case.objects.values().get()
        escalate_late(date(2023, 9, 26))
        assert Case.objects.values().get() == before

    @given(
        expected=st.dates(date(2023, 9, 6), date(2023, 12, 29)),
        wait=st.integers(0, 30),
        allowed=st.integers(0, 12),
        off=st.sets(st.integers(0, 40), max_size=12),
        worked=st.sets(st.integers(0, 40), max_size=8),
    )
    def test_it_comes_exactly_when_more_working_days_passed_than_allowed(self, expected, wait, allowed, off, worked):
        with transaction.atomic():
            LegalRule.objects.filter(key="referral.escalate_after_working_days").update(value=str(allowed))
            holidays = shuffled_holidays(expected, off, worked)
            case = make_case(topic="tax", today=OPENED)
            send(case, make_agency(), expected_on=expected)
            today = expected + timedelta(days=wait)
            passed = sum(is_worked(expected + timedelta(days=n), holidays) for n in range(1, wait + 1))
            assert escalate_late(today) == (passed > allowed)
            transaction.set_rollback(True)

    def test_what_is_answered_or_withdrawn_is_left_alone(self, case, agency):
        say(send(case, agency, "Một"))
        withdraw(send(case, agency, "Hai"), "Thôi", by=case.officer, today=TODAY)
        assert escalate_late(date(2024, 1, 2)) == 0

    def test_what_waits_in_a_closed_case_is_still_owed_and_still_late(self, case, agency):
        send(case, agency)
        take_step(case, "complete", by=case.officer, today=TODAY)
        assert escalate_late(date(2024, 1, 2)) == 1

    def test_without_a_rule_in_force_nothing_is_escalated(self, case, agency):
        send(case, agency)
        LegalRule.objects.filter(key="referral.escalate_after_working_days").delete()
        with nothing_written():
            assert escalate_late(date(2024, 1, 2)) == 0

    def test_a_hundred_late_ones_are_found_in_three_questions(self, case, agency, django_assert_num_queries):
        for number in range(10):
            send(case, agency, f"Câu {number}")
        with django_assert_num_queries(3):
            assert escalate_late(date(2023, 9, 25)) == 0

    @pytest.mark.django_db(transaction=True)
    def test_two_sweeps_at_once_tell_of_each_late_answer_once(self, case, agency):
        for number in range(4):
            send(case, agency, f"Câu {number}")
        day = date(2023, 9, 26)
        assert sum(at_once(*[lambda: escalate_late(day)] * 3)) == 4
        assert CaseEvent.objects.filter(step="referral_escalated").count() == 4
        assert set(Referral.objects.values_list("escalated_on", "version")) == {(day, 2)}

    @pytest.mark.django_db(transaction=True)
    def test_an_answer_and_a_sweep_at_once_contradict_each_other_in_nothing(self, case, agency):
        row, day = send(case, agency), date(2023, 9, 26)
        swept, said = at_once(lambda: escalate_late(day), lambda: say(row, today=day))
        assert isinstance(said, Referral)
        after = Referral.objects.get()
        assert after.answered_on == day
        assert (after.escalated_on is not None) == (swept == 1)
        assert CaseEvent.objects.filter(step="referral_escalated").count() == swept

    def test_a_person_may_tell_the_leaders_as_soon_as_it_is_late_and_only_once(self, case, agency):
        row = send(case, agency)
        late = EXPECTED + timedelta(days=1)
        assert not_now(escalate, row, "Gấp", by=case.officer, today=EXPECTED) == [
            "Chưa quá hạn trả lời nên chưa báo lãnh đạo."
        ]
        assert refused(escalate, row, " ", by=case.officer, today=late) == {
            "escalation_note": ["Cần ghi nội dung báo lãnh đạo."]
        }
        told = escalate(row, "Đã gọi ba lần.", by=case.officer, today=late, version=1)
        assert (told.escalated_on, told.escalation_note, told.version) == (late, "Đã gọi ba lần.", 2)
        line = case.events.last()
        assert (line.actor, line.note) == (
            case.officer,
            "Chi cục Thuế khu vực thử chưa trả lời, hẹn đến 20/09/2023.\nĐã gọi ba lần.",
        )
        assert not_now(escalate, told, "Nữa", by=case.officer, today=late) == ["Việc này đã báo lãnh đạo."]
        assert escalate_late(date(2024, 1, 2)) == 0

    def test_command_and_task_do_the_same_and_may_run_again(self, case, agency):
        today = timezone.localdate()
        for number in range(2):
            send(case, agency, f"Câu {number}")
        out = StringIO()
        call_command("escalate_referrals", stdout=out)
        call_command("escalate_referrals", stdout=out)
        assert out.getvalue().splitlines() == ["Báo lãnh đạo 2 việc chậm trả lời.", "Báo lãnh đạo 0 việc chậm trả lời."]
        silent = StringIO()
        call_command("escalate_referrals", stdout=silent, verbosity=0)
        assert silent.getvalue() == ""
        send(case, agency, "Câu ba")
        assert (escalate_late_referrals(), escalate_late_referrals()) == (1, 0)
        assert set(Referral.objects.values_list("escalated_on", flat=True)) == {today}


class TestWhoSeesWhat:
    @pytest.mark.parametrize(
        ("role", "count"), [(Role.STAFF, 1), (Role.MANAGER, 1), (Role.ADMIN, 1), (Role.COOPERATIVE, 0)]
    )
    def test_referrals_are_for_those_who_review(self, agency, role, count):
        cooperative = make_cooperative()
        case = make_case(cooperative, topic="tax", today=OPENED)
        send(case, agency)
        user = make_user(role, cooperative=cooperative if role == Role.COOPERATIVE else None)
        assert referrals_for(user).count() == count

    def test_the_cooperative_reads_days_and_words_without_agency_person_or_question(self, case, agency):
        row = send(case, agency)
        escalate(row, "Gấp", by=case.officer, today=EXPECTED + timedelta(days=1))
        say(row, today=EXPECTED + timedelta(days=2))
        withdraw(send(case, agency, "Khác"), "Thôi", by=case.officer, today=TODAY)
        lines = [(event.effective_on, str(public_words(event, case))) for event in public_events(case)]
        assert lines[2:] == [
            (SENT, "Đã chuyển cơ quan phối hợp, chờ trả lời"),
            (EXPECTED + timedelta(days=2), "Cơ quan phối hợp đã trả lời"),
            (SENT, "Đã chuyển cơ quan phối hợp, chờ trả lời"),
            (TODAY, "Không còn chờ cơ quan phối hợp"),
        ]

    @pytest.mark.parametrize("status", [status for status in Status if status in ("advising", "waiting_cooperative")])
    def test_the_public_next_step_says_so_while_an_answer_is_owed_and_not_after(self, agency, status):
        case = case_in(status)
        plain = look_up(case.reference, case.secret).next_step
        row = send(case, agency)
        assert look_up(case.reference, case.secret).next_step == f"{WAITS} {plain}"
        say(row)
        assert look_up(case.reference, case.secret).next_step == plain

    def test_the_public_next_step_of_a_closed_case_is_about_the_end(self, case, agency):
        send(case, agency)
        closed = take_step(case, "complete", by=case.officer, today=TODAY)
        assert look_up(closed.reference, closed.secret).next_step == "Không còn việc phải làm."


class TestTable:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"answered_on": TODAY},
            {"answer_kind": "answered"},
            {"answered_on": TODAY, "answer_kind": "answered", "withdrawn_on": TODAY},
            {"expected_on": SENT - timedelta(days=1)},
            {"answered_on": SENT - timedelta(days=1), "answer_kind": "answered"},
            {"withdrawn_on": SENT - timedelta(days=1)},
        ],
    )
    def test_the_database_itself_refuses_what_cannot_be(self, case, agency, wrong):
        row = send(case, agency)
        with pytest.raises(IntegrityError), transaction.atomic():
            Referral.objects.filter(pk=row.pk).update(**wrong)

    def test_an_agency_that_was_asked_stays(self, case, agency):
        send(case, agency)
        with pytest.raises(IntegrityError), transaction.atomic():
            agency.delete()

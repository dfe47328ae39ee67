"""Putting off a due day: once, later, with a reason; everything else is refused and leaves nothing."""

from datetime import date, timedelta

import pytest

from cooperatives.errors import InvalidEntry, NotAllowedNow, StaleVersion
from support_cases.extensions import extend_due, may_be_extended
from support_cases.models import Case
from support_cases.workflow import take_step
from tests.contents import nothing_written
from tests.factories import change, make_case
from tests.racing import at_once, of_kind

pytestmark = [pytest.mark.django_db, pytest.mark.database]

TODAY, DUE, LATER = date(2023, 9, 20), date(2023, 9, 29), date(2023, 10, 13)


@pytest.fixture
def case(db):
    return make_case(topic="tax", today=TODAY, opened_on=date(2023, 9, 1), due_on=DUE)


def extend(case: Case, due_on: date = LATER, reason: str = "Chờ xác nhận của xã", **how) -> Case:
    return extend_due(case, due_on, reason, by=case.officer, today=TODAY, **how)


def test_the_due_day_moves_and_the_history_keeps_both_days_and_the_reason(case):
    assert may_be_extended(case)
    after = extend(case, version=1)
    assert (after.due_on, after.extended_from, after.version) == (LATER, DUE, 2)
    line = after.events.last()
    assert (line.step, line.note) == ("extend", "Gia hạn từ 29/09/2023 đến 13/10/2023.\nChờ xác nhận của xã")


def test_it_moves_once_and_not_again(case):
    after = extend(case)
    assert not may_be_extended(after)
    with nothing_written(), pytest.raises(NotAllowedNow) as refused:
        extend(after, LATER + timedelta(days=5))
    assert refused.value.problems == ["Hồ sơ đã gia hạn một lần, không gia hạn thêm."]


@pytest.mark.parametrize(
    ("day", "reason", "fields"),
    [
        (DUE, "Lý do", ["due_on"]),
        (TODAY, "Lý do", ["due_on"]),
        (date(2030, 1, 1), "Lý do", ["due_on"]),
        (LATER, "", ["reason"]),
        (LATER, "\u200b \n", ["reason"]),
        (DUE, "", ["due_on", "reason"]),
    ],
)
def test_a_day_that_puts_nothing_off_or_a_missing_reason_is_refused(case, day, reason, fields):
    with nothing_written(), pytest.raises(InvalidEntry) as refused:
        extend(case, day, reason)
    assert sorted(refused.value.problems) == fields


def test_an_overdue_case_is_put_off_to_today_or_later(case):
    Case.objects.update(due_on=date(2023, 9, 10))
    with nothing_written(), pytest.raises(InvalidEntry):
        extend(Case.objects.get(), date(2023, 9, 19))
    assert extend(Case.objects.get(), TODAY).due_on == TODAY


def test_a_case_that_waits_has_no_due_day_or_has_ended_is_not_put_off(case):
    def refusal() -> list[str]:
        with nothing_written(), pytest.raises(NotAllowedNow) as refused:
            extend(Case.objects.get())
        return refused.value.problems

    take_step(case, "start", by=case.officer, today=TODAY)
    take_step(case, "request_papers", by=case.officer, today=TODAY)
    assert refusal() == ["Hồ sơ đang chờ HTX bổ sung nên hạn đang tạm dừng, chưa cần gia hạn."]
    take_step(case, "withdraw", by=case.officer, today=TODAY, note="Thôi")
    assert refusal() == ["Hồ sơ đã kết thúc, không còn hạn để gia hạn."]
    take_step(case, "reopen", by=case.officer, today=TODAY, note="Làm tiếp")
    Case.objects.update(due_on=None)
    assert refusal() == ["Hồ sơ chưa có hạn xử lý."]


def test_a_later_day_or_none_cannot_simply_be_written_over_the_due_day(case):
    for day in (LATER, None):
        with nothing_written(), pytest.raises(InvalidEntry) as refused:
            change(case, {"due_on": day})
        assert list(refused.value.problems) == ["due_on"]
    assert change(case, {"due_on": date(2023, 9, 25)}).due_on == date(2023, 9, 25)


def test_a_first_due_day_may_be_written(case):
    Case.objects.update(due_on=None)
    assert change(Case.objects.get(), {"due_on": LATER}).due_on == LATER


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_put_off_at_once_one_wins(case):
    results = at_once(lambda: extend(case, version=1), lambda: extend(case, LATER + timedelta(days=3), version=1))
    assert (len(of_kind(results, Case)), len(of_kind(results, StaleVersion))) == (1, 1)
    assert Case.objects.get().extended_from == DUE

"""What holds for every kind of support: each state against each step, words for everything, a law on every day."""

from datetime import date

import pytest
from django.db import transaction
from django.utils import translation

from cooperatives.errors import NotAllowedNow
from support_cases.choices import OPEN_STATUSES, Status
from support_cases.models import Case
from support_cases.stages import stages_of
from support_cases.support_types import SUPPORT_TYPES
from support_cases.workflow import STEPS, step_of, steps_from, take_step
from tests.contents import nothing_written
from tests.factories import change, make_case, make_cooperative, make_user
from tests.kept import put_reference
from tests.test_workflow import TABLE, WAY_TO

pytestmark = pytest.mark.django_db

OPENED, TODAY = date(2024, 9, 2), date(2024, 9, 20)


@pytest.fixture
def people(db):
    """An officer and a working cooperative, with the reference files as they are shipped."""
    put_reference()
    return make_user(), make_cooperative(tax_code="4700990014", certificate_no="4700990014", representative="Hoàng Thử")


def bare_case(topic: str, status: str, officer, party) -> Case:
    """A case with nothing in its details, all papers in, brought to a state by its steps."""
    case = make_case(party, topic=topic, by=officer, today=TODAY, opened_on=OPENED)
    case.checklist.update(received_on=OPENED)
    for code in WAY_TO[status]:
        case = take_step(case, code, by=officer, today=TODAY, note="Lý do")
    return case


def outcome_of(case: Case, code: str) -> str | list[str]:
    """The state a step leads to, or the words of its refusal; taken back afterwards."""
    with transaction.atomic():
        try:
            return take_step(case, code, by=case.officer, today=TODAY, note="Lý do").status
        except NotAllowedNow as refusal:
            return refusal.problems
        finally:
            transaction.set_rollback(True)


@pytest.mark.parametrize("status", TABLE)
@pytest.mark.parametrize("topic", SUPPORT_TYPES)
def test_every_step_of_every_kind_leads_where_the_table_says_or_is_refused_in_words(people, topic, status):
    """Bare cases: a kind may add milestones of its own, the table of states is the same for all."""
    case = bare_case(topic, status, *people)
    found = {code: outcome_of(case, code) for code in STEPS}
    label = case.get_status_display()
    assert found == {
        code: TABLE[status].get(code, [f"Không thể “{step.label}” khi hồ sơ đang ở trạng thái “{label}”."])
        for code, step in STEPS.items()
    }
    for stop in case.kind.milestones:
        reached = outcome_of(case, stop.code)
        if status not in stop.statuses:
            assert reached == [f"Không thể “{stop.label}” khi hồ sơ đang ở trạng thái “{label}”."]
        else:
            assert reached == status or all(isinstance(words, str) and len(words) > 10 for words in reached)


@pytest.mark.parametrize("topic", SUPPORT_TYPES)
def test_no_step_that_is_offered_is_unknown_and_every_stage_has_words_in_both_languages(people, topic):
    for status in OPEN_STATUSES:
        case = bare_case(topic, status, *people)
        assert [step_of(case, step.code) for step in steps_from(case)] == steps_from(case)
        for language in ("vi", "en"):
            with translation.override(language):
                assert all(len(stage.label) > 3 for stage in stages_of(case))
                assert [stage.is_current for stage in stages_of(case)].count(True) == 1
                assert str(case.kind.stage(case))
                assert str(case.kind.next_step(case))


@pytest.mark.parametrize("topic", SUPPORT_TYPES)
def test_a_bare_case_of_every_kind_can_be_led_to_its_end_and_leads_an_officer_in_words(people, topic):
    case = bare_case(topic, Status.ADVISING, *people)
    assert case.basis is not None
    for hint in case.kind.guidance(case, TODAY):
        assert len(str(hint.text)) > 10
        assert hint.tone in ("info", "warn", "bad", "ok")
    for code in ("submit", "await_result", "complete"):
        case = take_step(case, code, by=case.officer, today=TODAY)
    assert (case.status, case.outcome, case.followers.count()) == ("completed", "helped", 0)


@pytest.mark.parametrize("topic", [code for code, kind in SUPPORT_TYPES.items() if kind.rows])
def test_lists_that_end_with_their_case_cannot_be_written_after_it(people, topic):
    case = bare_case(topic, Status.COMPLETED, *people)
    for name, model in case.kind.rows.items():
        if model.open_after_closing:
            assert change(case, {"details": {name: []}}).pk == case.pk
            continue
        with nothing_written(), pytest.raises(NotAllowedNow) as refused:
            change(case, {"details": {name: []}})
        assert refused.value.problems == ["Hồ sơ đã kết thúc, mở lại rồi mới sửa."]

"""The law a case stands on: one on every day, pinned when the case is opened, changed only by a logged act."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from cooperatives.errors import InvalidEntry, NotAllowedNow, StaleVersion
from support_cases.bases import newer_basis, pin_cases, preview_switch, switch_basis
from support_cases.models import Case, ChecklistRule, LegalBasis
from support_cases.papers import mark_papers
from support_cases.support_types import SUPPORT_TYPES
from support_cases.workflow import take_step
from tests.contents import nothing_written
from tests.factories import make_case, make_cooperative, make_user
from tests.kept import put_reference
from tests.racing import at_once, of_kind

pytestmark = [pytest.mark.django_db, pytest.mark.database]

LAST_OLD, FIRST_NEW, TODAY = date(2024, 6, 30), date(2024, 7, 1), date(2024, 8, 20)


@pytest.fixture
def rules(db):
    """The reference files, as they are shipped."""
    put_reference()


@pytest.fixture
def laws(db):
    """Two laws of one topic, each with a paper of its own and one they share."""
    LegalBasis.objects.create(topic="tax", code="old", title_vi="Luật cũ", valid_from=date(1900, 1, 1))
    LegalBasis.objects.create(topic="tax", code="new", title_vi="Luật mới", valid_from=FIRST_NEW)
    for code, start, end in (("shared", None, None), ("old", None, LAST_OLD), ("new", FIRST_NEW, None)):
        ChecklistRule.objects.create(
            topic="tax", code=code, label_vi=f"Giấy {code}", valid_from=start or date(1900, 1, 1), valid_to=end
        )


@pytest.fixture
def case(laws):
    return make_case(topic="tax", today=TODAY, opened_on=date(2024, 6, 20))


def codes(case: Case) -> list[str]:
    """The papers that count, in the order of the alphabet."""
    return sorted(case.checklist.filter(dropped_on=None).values_list("code", flat=True))


def switch(case: Case, day: date = TODAY, reason: str = "HTX nộp sau ngày luật mới", **how) -> Case:
    return switch_basis(case, day, reason, by=case.officer, today=TODAY, **how)


# --- Exactly one ----------------------------------------------------------------------------------


@pytest.mark.parametrize("topic", SUPPORT_TYPES)
@pytest.mark.once
def test_every_kind_has_exactly_one_basis_on_every_day_from_2020_to_2027(rules, topic):
    """The oracle looks at all starts and picks the last one not after the day, by hand."""
    starts = sorted(LegalBasis.objects.filter(topic=topic).values_list("valid_from", "code"))
    day = date(2020, 1, 1)
    while day <= date(2027, 12, 31):
        (expected,) = [
            code
            for place, (start, code) in enumerate(starts)
            if start <= day and (place + 1 == len(starts) or day < starts[place + 1][0])
        ]
        assert LegalBasis.objects.of(topic, day).code == expected
        day += timedelta(days=1)


@pytest.mark.parametrize(
    ("topic", "day", "before", "after"),
    [
        ("registration", date(2024, 7, 1), "law_2012", "law_2023"),
        ("term_congress", date(2024, 7, 1), "law_2012", "law_2023"),
        ("business_lines", date(2024, 7, 1), "law_2012_vsic_2018", "law_2023_vsic_2018"),
        ("business_lines", date(2025, 11, 15), "law_2023_vsic_2018", "law_2023_vsic_2025"),
        ("ocop", date(2023, 2, 24), "decision_1048", "decision_148"),
        ("ocop", date(2025, 7, 6), "decision_148", "decision_148_as_of_2025"),
        ("tax", date(2026, 7, 1), "law_2019", "law_2025"),
    ],
)
def test_a_law_takes_over_on_its_day(rules, topic, day, before, after):
    eve = day - timedelta(days=1)
    assert [LegalBasis.objects.of(topic, on).code for on in (eve, day)] == [before, after]
    assert LegalBasis.objects.get(topic=topic, code=before).valid_to == eve


def test_a_basis_cases_stand_on_does_not_move_to_another_day(case):
    basis = LegalBasis.objects.get(topic="tax", code="new")
    basis.valid_from = date(2024, 6, 1)
    basis.full_clean()
    pinned = case.basis
    pinned.valid_from = date(2000, 1, 1)
    with pytest.raises(ValidationError) as refused:
        pinned.full_clean()
    assert list(refused.value.message_dict) == ["valid_from"]


# --- Pinned ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("event_on", "code"), [(LAST_OLD, "old"), (FIRST_NEW, "new")])
def test_a_case_is_pinned_to_the_law_of_the_day_the_matter_arose_not_of_the_day_it_was_opened(laws, event_on, code):
    case = Case.objects.get(pk=make_case(topic="tax", today=TODAY, opened_on=TODAY, event_on=event_on).pk)
    assert (case.basis.code, case.event_on, codes(case)) == (code, event_on, sorted([code, "shared"]))


def test_without_a_day_of_its_own_the_matter_arose_when_the_case_was_opened(case):
    assert (case.event_on, case.basis.code) == (date(2024, 6, 20), "old")


@pytest.mark.parametrize("day", [date(1945, 9, 1), date(2040, 1, 1)])
def test_a_day_no_matter_can_have_arisen_on_is_refused(laws, day):
    officer, party = make_user(), make_cooperative()
    with nothing_written(), pytest.raises(InvalidEntry) as refused:
        make_case(party, by=officer, topic="tax", today=TODAY, event_on=day)
    assert list(refused.value.problems) == ["event_on"]


def test_cases_older_than_the_table_of_laws_are_pinned_once(case):
    Case.objects.update(basis=None)
    other = make_case(topic="tax", today=TODAY, event_on=FIRST_NEW)
    Case.objects.update(basis=None)
    assert (pin_cases(), pin_cases()) == (2, 0)
    assert [Case.objects.get(pk=pk).basis.code for pk in (case.pk, other.pk)] == ["old", "new"]


# --- Switched -------------------------------------------------------------------------------------


def test_a_law_that_took_over_is_noticed_and_changes_nothing_by_itself(case):
    assert newer_basis(case, LAST_OLD) is None
    assert newer_basis(case, FIRST_NEW).code == "new"
    assert Case.objects.get(pk=case.pk).basis.code == "old"


def test_a_look_ahead_shows_what_would_be_gained_and_lost_and_writes_nothing(case):
    with nothing_written():
        seen = preview_switch(case, FIRST_NEW)
    assert (seen.basis.code, [p.code for p in seen.gained], [p.code for p in seen.lost]) == ("new", ["new"], ["old"])


def test_a_switch_changes_basis_and_papers_and_tells_all_of_it(case):
    after = switch(case, version=case.version)
    assert (after.basis.code, after.event_on, after.version, codes(after)) == ("new", TODAY, 2, ["new", "shared"])
    line = after.events.last()
    assert (line.step, line.effective_on) == ("basis", TODAY)
    assert line.note.splitlines() == [
        "Ngày phát sinh sự việc: 20/08/2024. Căn cứ: Luật cũ → Luật mới.",
        "HTX nộp sau ngày luật mới",
        "Thêm giấy tờ: Giấy new.",
        "Bớt giấy tờ: Giấy old.",
    ]


def test_a_paper_that_had_come_in_stays_with_the_case_and_counts_again_when_the_law_changes_back(case):
    papers = {paper.code: paper for paper in case.checklist.all()}
    mark_papers(case, {papers["old"].pk, papers["shared"].pk}, by=case.officer, today=date(2024, 6, 25))
    after = switch(case)
    dropped = after.checklist.get(code="old")
    assert (dropped.received_on, dropped.dropped_on, dropped.is_missing) == (date(2024, 6, 25), TODAY, False)
    assert after.checklist.get(code="shared").received_on == date(2024, 6, 25)
    back = switch(after, day=LAST_OLD, reason="Nghị quyết ký trước ngày luật mới")
    assert codes(back) == ["old", "shared"]
    assert back.checklist.get(code="old").received_on == date(2024, 6, 25)


def test_papers_no_longer_asked_for_cannot_be_taken_back_by_leaving_them_unticked(case):
    papers = {paper.code: paper for paper in case.checklist.all()}
    mark_papers(case, {papers["old"].pk}, by=case.officer, today=date(2024, 6, 25))
    after = switch(case)
    mark_papers(after, set(), by=case.officer, today=TODAY)
    assert after.checklist.get(code="old").received_on == date(2024, 6, 25)


def test_a_switch_needs_a_reason_a_possible_day_an_open_case_and_a_change(case):
    for day, reason, field in ((TODAY, " \n", "reason"), (date(1900, 1, 1), "Lý do", "event_on")):
        with nothing_written(), pytest.raises(InvalidEntry) as refused:
            switch(case, day, reason)
        assert list(refused.value.problems) == [field]
    with nothing_written(), pytest.raises(NotAllowedNow) as unchanged:
        switch(case, case.event_on)
    assert unchanged.value.problems == ["Hồ sơ đang theo đúng căn cứ của ngày này."]
    take_step(case, "stop", by=case.officer, today=TODAY, note="Không theo nữa")
    with nothing_written(), pytest.raises(NotAllowedNow) as ended:
        switch(case)
    assert ended.value.problems == ["Hồ sơ đã kết thúc, mở lại rồi mới chuyển căn cứ."]


def test_a_switch_from_a_stale_page_is_refused(case):
    mark_papers(case, set(), by=case.officer, today=TODAY)
    with nothing_written(), pytest.raises(StaleVersion):
        switch(case, version=1)


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_switch_at_once_one_is_told(case):
    results = at_once(lambda: switch(case, version=1), lambda: switch(case, version=1))
    assert (len(of_kind(results, Case)), len(of_kind(results, StaleVersion))) == (1, 1)
    assert Case.objects.get(pk=case.pk).events.filter(step="basis").count() == 1

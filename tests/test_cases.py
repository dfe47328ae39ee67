"""Opening a case, changing it, ticking its papers: references, checklists, details, versions."""

import re
from datetime import date, timedelta

import pytest
from django.db import transaction

from cooperatives.errors import InvalidEntry, StaleVersion
from cooperatives.models import Holiday, LegalRule
from support_cases.cases import open_case
from support_cases.clock import default_due_day
from support_cases.models import Case, CaseEvent, ChecklistItem, ChecklistRule, ReferenceCounter
from support_cases.models.case import SECRET_ALPHABET, SECRET_LENGTH, next_reference
from support_cases.papers import mark_papers
from support_cases.support_types import SUPPORT_TYPES
from tests.contents import everything, nothing_written
from tests.factories import change, make_case, make_cooperative, make_founding_group, make_user
from tests.kept import put_reference
from tests.racing import at_once, of_kind

pytestmark = [pytest.mark.django_db, pytest.mark.database]

TODAY = date(2023, 9, 20)
TOPICS = [
    "registration",
    "business_lines",
    "term_congress",
    "ocop",
    "loan",
    "tax",
    "human_resources",
    "trade_promotion",
]
STALE = ["Hồ sơ vừa được người khác cập nhật. Hãy tải lại trang rồi làm tiếp."]


@pytest.fixture
def officer(db):
    return make_user()


@pytest.fixture
def cooperative(db):
    return make_cooperative("Hợp tác xã Đồng Phúc")


@pytest.fixture
def rules(db, settings):
    """The shipped rules, checklists and holidays."""
    put_reference()


def refusal(act) -> dict[str, list[str]]:
    """The messages by field with which an act is refused, and nothing written."""
    with nothing_written(), pytest.raises(InvalidEntry) as refused:
        act()
    return {field: [str(message) for message in messages] for field, messages in refused.value.problems.items()}


# --- Opening --------------------------------------------------------------------------------------


@pytest.mark.parametrize("topic", TOPICS)
def test_a_case_of_every_kind_opens_with_details_and_one_line_of_history(cooperative, officer, topic):
    case = make_case(cooperative, topic=topic, by=officer, today=TODAY, title="Việc thử")
    stored = Case.objects.get(pk=case.pk)
    assert (stored.status, stored.version, stored.opened_on, stored.officer) == ("new", 1, TODAY, officer)
    assert (stored.cooperative, stored.founding_group, stored.party) == (cooperative, None, cooperative)
    assert type(stored.details) is SUPPORT_TYPES[topic].details
    lines = stored.events.values_list("step", "from_status", "to_status", "actor", "effective_on")
    assert list(lines) == [("open", "", "new", officer.pk, TODAY)]


def test_there_are_the_seven_kinds_in_their_order():
    assert list(SUPPORT_TYPES) == TOPICS


def test_a_founding_group_can_have_a_case(officer):
    group = make_founding_group()
    case = make_case(group, topic="registration", by=officer, today=TODAY)
    assert (case.cooperative, case.founding_group, case.party) == (None, group, group)


def test_a_case_is_found_by_reference_title_and_party_without_accents(cooperative, officer):
    case = make_case(cooperative, by=officer, today=TODAY, title="Đưa miến dong tham gia OCOP")
    make_case(make_cooperative("HTX Khác"), by=officer, today=TODAY, title="Việc khác", topic="tax")
    for typed in ("mien dong", "dong phuc", case.reference, case.reference.lower(), "hợp tác xã đồng phúc miến"):
        assert list(Case.objects.search(typed)) == [case]


@pytest.mark.parametrize(
    ("fields", "problems"),
    [
        ({"topic": "trade"}, {"topic": ["Không có nội dung hỗ trợ này."]}),
        ({"opened_on": TODAY + timedelta(days=1)}, {"opened_on": ["Ngày mở hồ sơ không thể ở tương lai."]}),
        ({"due_on": TODAY - timedelta(days=1)}, {"due_on": ["Hạn xử lý không thể trước ngày mở hồ sơ."]}),
        ({"details": {"colour": "đỏ"}}, {"details": ["Nội dung này không có mục “colour”."]}),
        ({"details": {"case": 1}}, {"details": ["Nội dung này không có mục “case”."]}),
        ({"details": {"posts": 5}}, {"details": ["Nội dung này không có mục “posts”."]}),
    ],
)
def test_a_case_that_cannot_be_right_is_refused_with_words(cooperative, officer, fields, problems):
    assert refusal(lambda: make_case(cooperative, by=officer, today=TODAY, **fields)) == problems


@pytest.mark.parametrize(
    ("topic", "details", "field"),
    [
        ("ocop", {"target_stars": 2}, "target_stars"),
        ("ocop", {"target_stars": 6}, "target_stars"),
        ("ocop", {"target_stars": "năm"}, "target_stars"),
        ("ocop", {"group": "thep"}, "group"),
        ("ocop", {"product_name": "m" * 161}, "product_name"),
        ("registration", {"procedure": "?"}, "procedure"),
        ("registration", {"changed_on": "hôm qua"}, "changed_on"),
        ("term_congress", {"call_no": 4}, "call_no"),
        ("term_congress", {"congress_kind": ""}, "congress_kind"),
        ("loan", {"requested": 10**15 + 1}, "requested"),
        ("tax", {"subject": "?"}, "subject"),
        ("human_resources", {"posts": 0}, "posts"),
        ("human_resources", {"posts": 51}, "posts"),
    ],
)
@pytest.mark.once
def test_details_that_cannot_be_right_are_refused_beside_their_field(cooperative, officer, topic, details, field):
    act = lambda: make_case(cooperative, topic=topic, by=officer, today=TODAY, details=details)  # noqa: E731
    assert list(refusal(act)) == [field]


def test_a_constraint_between_two_details_is_told_in_words(cooperative, officer):
    details = {"resolution_on": date(2023, 9, 10), "notified_on": date(2023, 9, 9)}
    act = lambda: make_case(cooperative, topic="business_lines", by=officer, today=TODAY, details=details)  # noqa: E731
    assert [m for messages in refusal(act).values() for m in messages] == ["Nghị quyết phải có trước ngày thông báo."]


@pytest.mark.parametrize("title", ["", "  \u200b ", "x" * 201])
def test_a_case_needs_a_title_of_at_most_two_hundred_characters(cooperative, officer, title):
    assert list(refusal(lambda: make_case(cooperative, by=officer, today=TODAY, title=title))) == ["title"]


def test_details_are_stored_typed(cooperative, officer):
    details = {"product_name": " Miến  dong ", "group": "food", "target_stars": 4}
    case = make_case(cooperative, by=officer, today=TODAY, details=details)
    row = Case.objects.get(pk=case.pk).details
    assert (row.product_name, row.group, row.target_stars) == ("Miến dong", "food", 4)


# --- References -----------------------------------------------------------------------------------


def test_a_reference_names_the_day_of_opening_and_a_number_of_that_day(cooperative, officer):
    days = [TODAY, TODAY, date(2023, 9, 5), TODAY]
    cases = [make_case(cooperative, by=officer, today=TODAY, opened_on=day) for day in days]
    assert [case.reference for case in cases] == [
        "TCT-230920-0001", "TCT-230920-0002", "TCT-230905-0001", "TCT-230920-0003",
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_cases_opened_at_once_get_references_one_after_another(cooperative, officer):
    acts = [lambda: make_case(cooperative, by=officer, today=TODAY)] * 10
    cases = of_kind(at_once(*acts), Case)
    expected = [f"TCT-230920-{n:04d}" for n in range(1, 11)]
    assert sorted(case.reference for case in cases) == expected
    assert sorted(Case.objects.values_list("reference", flat=True)) == expected
    assert (ChecklistItem.objects.count(), CaseEvent.objects.count()) == (0, 10)


@pytest.mark.django_db(transaction=True)
def test_a_reference_is_not_used_again_after_its_case_was_deleted(cooperative, officer):
    first, last = (make_case(cooperative, by=officer, today=TODAY) for _ in range(2))
    assert last.reference == "TCT-230920-0002"
    last.delete()
    first.delete()
    assert make_case(cooperative, by=officer, today=TODAY).reference == "TCT-230920-0003"


def test_a_refused_case_uses_up_no_number(cooperative, officer):
    refusal(lambda: make_case(cooperative, by=officer, today=TODAY, title=""))
    assert make_case(cooperative, by=officer, today=TODAY).reference == "TCT-230920-0001"


def test_the_ten_thousandth_case_of_a_day_gets_five_digits(db):
    with transaction.atomic():
        assert next_reference(TODAY) == "TCT-230920-0001"
    ReferenceCounter.objects.filter(day=TODAY).update(last=9_999)
    with transaction.atomic():
        assert next_reference(TODAY) == "TCT-230920-10000"


def test_secrets_are_long_unambiguous_and_different(cooperative, officer):
    secrets = [make_case(cooperative, by=officer, today=TODAY).secret for _ in range(20)]
    assert len(set(secrets)) == 20
    assert all(re.fullmatch(f"[{SECRET_ALPHABET}]{{{SECRET_LENGTH}}}", secret) for secret in secrets)
    assert not set("01OIL") & set(SECRET_ALPHABET)


# --- Checklists and due days by the rules of the day ----------------------------------------------


@pytest.mark.parametrize(
    ("opened_on", "first_papers"),
    [
        (date(2023, 9, 5), ["application_2012", "charter_2012", "business_plan_2012"]),
        (date(2024, 6, 30), ["application_2012", "charter_2012", "business_plan_2012"]),
        (date(2024, 7, 1), ["application", "charter", "founding_resolution"]),
    ],
)
def test_the_checklist_is_that_of_the_law_in_force_on_the_day_of_opening(
    rules, cooperative, officer, opened_on, first_papers
):
    case = make_case(cooperative, topic="registration", by=officer, today=date(2026, 11, 23), opened_on=opened_on)
    codes = list(case.checklist.values_list("code", flat=True))
    assert codes[:3] == first_papers
    assert len(codes) == 6


def test_a_checklist_stays_as_it_was_when_the_law_changes_afterwards(rules, cooperative, officer):
    case = make_case(cooperative, topic="registration", by=officer, today=TODAY)
    frozen = list(case.checklist.values("code", "label_vi", "label_en", "required", "position"))
    ChecklistRule.objects.update(label_vi="Giấy khác", required=False)
    ChecklistRule.objects.filter(code="charter_2012").delete()
    assert list(case.checklist.values("code", "label_vi", "label_en", "required", "position")) == frozen
    later = make_case(cooperative, topic="registration", by=officer, today=TODAY)
    assert [item.label_vi for item in later.checklist.all()] == ["Giấy khác"] * 5


@pytest.mark.parametrize(("topic", "days"), [("tax", 5), ("registration", 10)])
def test_the_due_day_is_so_many_working_days_after_the_opening(rules, cooperative, officer, topic, days):
    opened_on = date(2023, 4, 27)  # before the days off of 30 April and 1 May
    case = make_case(cooperative, topic=topic, by=officer, today=TODAY, opened_on=opened_on)
    off = set(Holiday.objects.values_list("day", flat=True))
    day, left = opened_on, days
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5 and day not in off
    assert case.due_on == day
    assert day > opened_on + timedelta(days=days)


def test_without_a_rule_there_is_no_due_day_and_a_given_one_wins(cooperative, officer):
    assert make_case(cooperative, by=officer, today=TODAY).due_on is None
    LegalRule.objects.create(key="case.due_working_days.ocop", value="không rõ", valid_from=date(2022, 1, 1))
    assert default_due_day("ocop", TODAY) is None
    LegalRule.objects.update(value="3")
    assert default_due_day("ocop", TODAY) == date(2023, 9, 25)
    given = make_case(cooperative, by=officer, today=TODAY, due_on=date(2023, 12, 1))
    assert given.due_on == date(2023, 12, 1)


# --- Changing -------------------------------------------------------------------------------------


def test_a_change_is_written_once_and_raises_the_version(cooperative, officer):
    case = make_case(cooperative, by=officer, today=TODAY)
    colleague = make_user()
    changes = {"title": "Tên  mới ", "officer": colleague, "details": {"target_stars": 5}}
    changed = change(case, changes, version=1)
    stored = Case.objects.get(pk=case.pk)
    assert (stored.title, stored.officer, stored.version) == ("Tên mới", colleague, 2)
    assert (changed.version, stored.details.target_stars) == (2, 5)
    assert stored.reference == case.reference
    assert list(Case.objects.search("ten moi")) == [stored]


def test_a_change_from_a_stale_page_is_refused_and_leaves_nothing(cooperative, officer):
    case = make_case(cooperative, by=officer, today=TODAY)
    change(case, {"title": "Bản của người thứ nhất"}, version=1)
    for act in (
        lambda: change(case, {"title": "Bản của người thứ hai"}, version=1),
        lambda: mark_papers(case, set(), by=officer, today=TODAY, version=1),
        lambda: change(case, {"title": "Từ tương lai"}, version=3),
    ):
        with nothing_written(), pytest.raises(StaleVersion) as refused:
            act()
        assert refused.value.problems == STALE


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"title": ""}, ["title"]),
        ({"due_on": TODAY - timedelta(days=1)}, ["due_on"]),
        ({"details": {"target_stars": 1}}, ["target_stars"]),
        ({"details": {"colour": "đỏ"}}, ["details"]),
        ({"title": "", "details": {"target_stars": 1}}, ["target_stars", "title"]),
    ],
)
def test_a_change_that_cannot_be_right_is_refused_and_leaves_nothing(cooperative, officer, changes, fields):
    case = make_case(cooperative, by=officer, today=TODAY)
    assert sorted(refusal(lambda: change(case, changes, version=1))) == fields


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_change_one_case_at_once_one_is_told(cooperative, officer):
    case = make_case(cooperative, by=officer, today=TODAY)
    results = at_once(
        lambda: change(case, {"title": "Của người thứ nhất"}, version=1),
        lambda: change(case, {"receiving_agency": "UBND xã"}, version=1),
        lambda: mark_papers(case, set(), by=officer, today=TODAY, version=1),
    )
    assert (len(of_kind(results, Case)), len(of_kind(results, StaleVersion))) == (1, 2)
    assert Case.objects.get(pk=case.pk).version == 2


@pytest.mark.django_db(transaction=True)
def test_changes_without_a_version_all_count_and_lose_nothing(cooperative, officer):
    case = make_case(cooperative, by=officer, today=TODAY)
    at_once(
        lambda: change(case, {"title": "Tên mới"}),
        lambda: change(case, {"receiving_agency": "UBND xã"}),
        lambda: change(case, {"external_ref": "H03.1"}),
    )
    stored = Case.objects.get(pk=case.pk)
    assert (stored.title, stored.receiving_agency, stored.external_ref) == ("Tên mới", "UBND xã", "H03.1")
    assert stored.version == 4


# --- Papers ---------------------------------------------------------------------------------------


def test_papers_that_came_in_keep_their_day_and_can_be_taken_back(rules, cooperative, officer):
    case = make_case(cooperative, topic="registration", by=officer, today=TODAY)
    one, two, *_others = case.checklist.all()
    mark_papers(case, {one.pk}, by=officer, today=TODAY)
    later = mark_papers(case, {one.pk, two.pk}, by=officer, today=TODAY + timedelta(days=3))
    assert later.version == 3
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.received_on, two.received_on) == (TODAY, TODAY + timedelta(days=3))
    mark_papers(case, {two.pk}, by=officer, today=TODAY + timedelta(days=4))
    assert list(case.checklist.exclude(received_on=None)) == [two]


def test_ticking_papers_does_not_touch_those_of_another_case(rules, cooperative, officer):
    case, other = (make_case(cooperative, topic="registration", by=officer, today=TODAY) for _ in range(2))
    foreign = other.checklist.first()
    mark_papers(other, {foreign.pk}, by=officer, today=TODAY)
    before = everything()["support_cases_checklistitem"]
    mark_papers(case, {foreign.pk}, by=officer, today=TODAY + timedelta(days=1))
    assert everything()["support_cases_checklistitem"] == before


def test_the_case_has_the_columns_open_case_offers(cooperative, officer):
    case = open_case(
        party=cooperative, topic="loan", title="Vay vốn", by=officer, today=TODAY,
        receiving_agency="  Quỹ hỗ trợ ", external_ref=" H03.22 ", due_on=TODAY,
    )  # fmt: skip
    assert (case.receiving_agency, case.external_ref, case.due_on) == ("Quỹ hỗ trợ", "H03.22", TODAY)


@pytest.mark.django_db
def test_a_state_is_changed_by_steps_and_never_by_hand():
    case = make_case()
    with pytest.raises(ValueError, match="status"):
        change(case, {"title": "Tên mới", "status": "completed"})
    case.refresh_from_db()
    assert (case.title, case.status, case.version) == ("Đưa miến dong tham gia OCOP", "new", 1)

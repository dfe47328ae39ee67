"""What people are reminded of: for each occasion of the register and of the kinds what stands, and what ended it."""

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from cooperatives.choices import ENDED_STATUSES
from cooperatives.governance.acts import file_annual_update
from cooperatives.models import (
    Congress,
    Cooperative,
    DeadlineOverride,
    OcopPaper,
    Placement,
    RegistrationProcedure,
    TaxObligation,
    TaxProfile,
    Term,
)
from cooperatives.reference import add_missing
from cooperatives.workforce.acts import confirm_month, enter_placement
from htx_portal.accounts.models import Membership
from support_cases.choices import Occasion, SkipReason
from support_cases.models import Reminder, ReminderRule
from support_cases.reminders.entering import enter_due
from support_cases.reminders.envelopes import lines_for
from support_cases.reminders.occasions import Scene, Within
from support_cases.reminders.sources import QUICK, SOURCES
from tests.factories import make_case, make_cooperative, make_user
from tests.law import load_rules
from tests.ocop_rules import make_product, make_rating
from tests.registrations import registration, step, walk
from tests.reminding import make_rule, shipped_rules

pytestmark = [pytest.mark.django_db, pytest.mark.database]

TODAY = date(2026, 11, 30)
EVER = (date(1990, 1, 1), date(2040, 1, 1))


@pytest.fixture(autouse=True)
def law(settings):
    """The reference files days are counted by."""
    load_rules()
    folder = settings.FIXTURES_DIR / "reference"
    add_missing(folder / "tax_obligations.csv", TaxObligation, ("code", "valid_from"))
    add_missing(folder / "procedures.csv", RegistrationProcedure, ("code", "valid_from"))


@pytest.fixture
def cooperative():
    """Registered long ago, in good standing."""
    return make_cooperative("Hợp tác xã Miến dong Nà Duồng")


def anchors(occasion: str, *, today: date = TODAY, span=EVER, within: Within | None = None) -> list[tuple]:
    """The subjects and days a source knows of."""
    found = SOURCES[occasion].anchors(span[0], span[1], today, within or Within())
    return [(anchor.subject, anchor.anchor_on) for anchor in found]


def row(occasion: str, *, today: date = TODAY, by=None, which: int = 0) -> Reminder:
    """An unsaved row of the ledger about one of the anchors of a source, addressed to ``by``."""
    anchor = list(SOURCES[occasion].anchors(*EVER, today, Within()))[which]
    return Reminder(
        rule=occasion,
        subject=anchor.subject,
        detail=anchor.detail,
        anchor_on=anchor.anchor_on,
        occurrence_on=anchor.anchor_on,
        case_id=anchor.case_id,
        cooperative_id=anchor.cooperative_id,
        founding_group_id=anchor.founding_group_id,
        recipient=by or make_user(),
        channel="app",
    )


def said(reminder: Reminder) -> str:
    """The sentence."""
    return lines_for([reminder])[0].title


def over(reminder: Reminder) -> SkipReason:
    """Why there is nothing to be reminded of any more, asked as at sending, with fresh rows."""
    if reminder.cooperative_id:
        reminder.cooperative = Cooperative.objects.get(pk=reminder.cooperative_id)
    return SOURCES[reminder.rule].why_over(reminder)


def make_term(cooperative, started_on: date, ends_on: date, body: str = "board") -> Term:
    return Term.objects.create(cooperative=cooperative, started_on=started_on, ends_on=ends_on, body=body)


def meet(cooperative, held_on: date, kind: str = "annual", **fields) -> Congress:
    return Congress.objects.create(cooperative=cooperative, held_on=held_on, kind=kind, **fields)


def make_placement(cooperative, **fields) -> Placement:
    values = {
        "person_label": "Lao động 01",
        "degree": "college",
        "job": "accountant",
        "started_on": date(2026, 1, 1),
        "ends_on": date(2026, 12, 31),
    } | fields
    return enter_placement(Placement(cooperative=cooperative, **values))


# --- All of them --------------------------------------------------------------------------------------------


def test_every_occasion_has_a_source_and_a_rule_that_is_shipped():
    shipped_rules()
    assert set(SOURCES) == set(Occasion.values)
    assert set(ReminderRule.objects.values_list("occasion", flat=True)) == set(Occasion.values)
    assert {code: source.occasion for code, source in SOURCES.items()} == {code: code for code in Occasion.values}


def test_what_goes_through_the_register_is_not_looked_for_at_every_sweep():
    assert set(QUICK) == {
        "follow_up_due", "case_deadline", "no_contact", "waiting_cooperative", "kind_day", "referral_late",
        "referral_escalated", "period_ended",
    }  # fmt: skip


@pytest.fixture
def everything(cooperative):
    """A cooperative of which there is something to remind for every occasion of the register, and its officer."""
    Cooperative.objects.filter(pk=cooperative.pk).update(registered_on=date(2026, 6, 1))
    make_term(cooperative, date(2021, 12, 1), date(2026, 12, 1))
    meet(cooperative, date(2025, 6, 1))
    product = make_product(cooperative=cooperative)
    make_rating(product, date(2024, 1, 5), date(2027, 1, 4))
    OcopPaper.objects.create(product=product, kind="test_report", expires_on=date(2027, 1, 10))
    make_placement(cooperative)
    TaxProfile.objects.create(cooperative=cooperative, vat_filing="quarterly", employs_people=True, agriculture=True)
    return cooperative


REGISTER = sorted(set(SOURCES) - QUICK)


@pytest.mark.parametrize("occasion", REGISTER)
def test_of_a_cooperative_that_has_ended_nothing_is_reminded(everything, occasion):
    assert anchors(occasion) != []
    reminder = row(occasion)
    for status in ENDED_STATUSES:
        Cooperative.objects.update(legal_status=status)
        assert anchors(occasion) == []
        assert over(reminder) == SkipReason.OVER


@pytest.mark.parametrize("occasion", REGISTER)
def test_a_source_can_be_asked_for_one_cooperative_or_for_some_subjects(everything, occasion):
    mine = anchors(occasion)
    make_cooperative()
    other = make_cooperative()
    assert anchors(occasion, within=Within(cooperatives=frozenset({everything.pk}))) == mine
    found = SOURCES[occasion].anchors(*EVER, TODAY, Within(cooperatives=frozenset({other.pk})))
    assert {anchor.cooperative_id for anchor in found} <= {other.pk}
    assert anchors(occasion, within=Within(cases=frozenset({1}))) == []
    subjects = frozenset({mine[0][0]})
    named = SOURCES[occasion].anchors(*EVER, TODAY, Within(subjects=subjects))
    assert [(a.subject, a.anchor_on) for a in named if Within(subjects=subjects).admits(a)] == mine[:1]


@pytest.mark.parametrize("occasion", REGISTER)
def test_no_subject_comes_twice_and_none_is_too_long_for_its_column(everything, occasion):
    subjects = [subject for subject, _day in anchors(occasion)]
    assert len(set(subjects)) == len(subjects)
    assert max(map(len, subjects)) <= Reminder._meta.get_field("subject").max_length - 20


@pytest.mark.parametrize("occasion", REGISTER)
def test_only_what_lies_between_the_days_asked_for_is_found(everything, occasion):
    mine = anchors(occasion)
    day = mine[0][1]
    assert anchors(occasion, span=(day, day)) == [one for one in mine if one[1] == day]


@pytest.mark.parametrize("occasion", REGISTER)
def test_a_reminder_leads_to_a_page_its_reader_may_open(everything, client, occasion):
    people = [make_user(), make_user("manager"), make_user("cooperative", cooperative=everything)]
    for person in people:
        client.force_login(person)
        assert client.get(SOURCES[occasion].url(row(occasion, by=person))).status_code == 200


# --- Terms and meetings -------------------------------------------------------------------------------------


def test_a_term_is_reminded_of_by_its_last_day(cooperative):
    make_term(cooperative, date(2021, 12, 1), date(2026, 12, 1))
    assert anchors("term_end") == [(f"cooperative/{cooperative.pk}", date(2026, 12, 1))]
    assert said(row("term_end")) == "Nhiệm kỳ của Hợp tác xã Miến dong Nà Duồng hết ngày 01/12/2026"


def test_of_two_bodies_the_one_that_ends_first_is_reminded_of(cooperative):
    make_term(cooperative, date(2022, 1, 1), date(2026, 12, 31))
    make_term(cooperative, date(2021, 12, 1), date(2026, 12, 1), "control")
    assert [day for _subject, day in anchors("term_end")] == [date(2026, 12, 1)]


def test_a_term_followed_by_a_newer_one_is_reminded_of_no_more(cooperative):
    make_term(cooperative, date(2021, 12, 1), date(2026, 12, 1))
    reminder = row("term_end")
    make_term(cooperative, date(2026, 11, 20), date(2031, 11, 19))
    assert [day for _subject, day in anchors("term_end")] == [date(2031, 11, 19)]
    assert over(reminder) == SkipReason.DONE


def test_a_term_whose_end_was_corrected_has_moved(cooperative):
    term = make_term(cooperative, date(2021, 12, 1), date(2026, 12, 1))
    reminder = row("term_end")
    Term.objects.filter(pk=term.pk).update(ends_on=date(2026, 11, 1))
    assert over(reminder) == SkipReason.MOVED


@pytest.mark.parametrize("occasion", ["term_end", "annual_congress", "last_congress", "capital"])
def test_a_cooperative_group_without_meetings_is_not_reminded_of_any(everything, occasion):
    Cooperative.objects.update(kind="tht")
    assert anchors(occasion) == []


@pytest.mark.parametrize(
    ("month", "today", "days"),
    [
        (12, date(2026, 3, 1), [date(2025, 12, 31), date(2026, 12, 31)]),
        (6, date(2026, 3, 1), [date(2025, 6, 30), date(2026, 6, 30)]),
        (2, date(2024, 2, 29), [date(2024, 2, 29), date(2025, 2, 28)]),
        (2, date(2024, 2, 28), [date(2023, 2, 28), date(2024, 2, 29)]),
    ],
)
def test_the_yearly_meeting_is_counted_from_the_end_of_each_financial_year(cooperative, month, today, days):
    Cooperative.objects.update(fiscal_year_end_month=month)
    assert anchors("annual_congress", today=today) == [
        (f"cooperative/{cooperative.pk}/{day.year}", day) for day in days
    ]


def test_the_yearly_meeting_is_worded_with_the_day_the_law_sets(cooperative):
    assert said(row("annual_congress", today=date(2026, 3, 1))) == (
        "Hợp tác xã Miến dong Nà Duồng chưa họp đại hội thường niên của năm tài chính kết thúc 31/12/2025, "
        "hạn họp 04/05/2026"
    )


@pytest.mark.parametrize(
    ("kind", "quorum_met", "is_over"),
    [
        ("annual", None, True), ("annual", True, True), ("term", None, True), ("delegates", True, True),
        ("annual", False, False), ("extraordinary", True, False), ("founding", None, False),
    ],
)  # fmt: skip
def test_the_yearly_meeting_is_over_once_a_valid_one_was_held(cooperative, kind, quorum_met, is_over):
    today = date(2026, 4, 1)
    reminder = row("annual_congress", today=today)
    meet(cooperative, date(2026, 3, 20), kind, quorum_met=quorum_met)
    assert (date(2025, 12, 31) not in [day for _subject, day in anchors("annual_congress", today=today)]) is is_over
    assert over(reminder) == (SkipReason.DONE if is_over else SkipReason.MOVED)


def test_a_meeting_before_the_year_ended_does_not_count_for_it(cooperative):
    meet(cooperative, date(2025, 12, 31))
    assert anchors("annual_congress", today=date(2026, 2, 1))[0][1] == date(2025, 12, 31)


def test_a_cooperative_founded_after_the_year_is_not_reminded_of_it():
    make_cooperative(registered_on=date(2026, 1, 10))
    assert [day for _subject, day in anchors("annual_congress", today=date(2026, 4, 1))] == [date(2026, 12, 31)]


def test_the_time_without_a_meeting_is_counted_from_the_last_one(cooperative):
    for held_on in (date(2023, 4, 1), date(2025, 5, 20)):
        meet(cooperative, held_on)
    assert anchors("last_congress") == [(f"cooperative/{cooperative.pk}", date(2025, 5, 20))]
    reminder = row("last_congress")
    assert said(reminder) == (
        "Hợp tác xã Miến dong Nà Duồng họp đại hội lần gần nhất ngày 20/05/2025; đến 20/11/2026 vẫn không họp "
        "thì có thể bị thu hồi đăng ký"
    )
    meet(cooperative, date(2026, 11, 1))
    assert over(reminder) == SkipReason.DONE


def test_who_never_met_is_not_reminded_of_a_last_meeting(cooperative):
    assert anchors("last_congress") == []


# --- Capital, the yearly update -----------------------------------------------------------------------------


def test_capital_is_reminded_of_by_the_last_working_day_to_pay_it_in():
    row_of = make_cooperative("Hợp tác xã Mới", registered_on=date(2026, 7, 2))
    assert anchors("capital") == [(f"cooperative/{row_of.pk}/capital", date(2027, 1, 4))]
    assert said(row("capital")) == "Góp đủ vốn điều lệ chậm nhất ngày 04/01/2027: Hợp tác xã Mới"


def test_capital_not_paid_in_by_then_is_reminded_of_by_the_day_to_register_it_anew():
    row_of = make_cooperative("Hợp tác xã Mới", registered_on=date(2026, 5, 20))
    assert anchors("capital") == [
        (f"cooperative/{row_of.pk}/capital", date(2026, 11, 20)),
        (f"cooperative/{row_of.pk}/capital_again", date(2026, 12, 21)),
    ]
    assert said(row("capital", which=1)) == "Đăng ký lại vốn điều lệ chậm nhất ngày 21/12/2026: Hợp tác xã Mới"


def test_capital_that_is_paid_in_is_reminded_of_no_more():
    row_of = make_cooperative(registered_on=date(2026, 7, 2))
    reminder = row("capital")
    Cooperative.objects.filter(pk=row_of.pk).update(capital_paid_on=TODAY)
    assert anchors("capital") == []
    assert over(reminder) == SkipReason.DONE


def test_capital_of_a_cooperative_registered_under_the_old_law_is_not_reminded_of():
    make_cooperative(registered_on=date(2024, 6, 30))
    assert anchors("capital") == []


def test_the_yearly_update_is_reminded_of_until_it_is_noted_as_sent(cooperative):
    assert anchors("yearly_update", span=(TODAY, date(2026, 12, 31))) == [
        (f"cooperative/{cooperative.pk}/2026", date(2026, 12, 15))
    ]
    reminder = row("yearly_update")
    assert said(reminder) == ("Hợp tác xã Miến dong Nà Duồng gửi cập nhật thông tin hằng năm chậm nhất ngày 15/12/2026")
    file_annual_update(cooperative, 2026, TODAY, by=make_user(), today=TODAY)
    assert anchors("yearly_update", span=(TODAY, date(2026, 12, 31))) == []
    assert over(reminder) == SkipReason.DONE


# --- OCOP ---------------------------------------------------------------------------------------------------


def test_the_certificate_of_the_present_stars_is_reminded_of(cooperative):
    product = make_product("Miến dong", cooperative=cooperative)
    make_rating(product, date(2021, 1, 5), date(2024, 1, 4))
    make_rating(product, date(2024, 1, 5), date(2027, 1, 4))
    assert anchors("ocop_expiry") == [(f"product/{product.pk}", date(2027, 1, 4))]
    assert said(row("ocop_expiry")) == (
        "Giấy chứng nhận OCOP của Miến dong (Hợp tác xã Miến dong Nà Duồng) có giá trị đến hết ngày 04/01/2027"
    )


def test_a_product_rated_again_is_reminded_of_its_old_certificate_no_more(cooperative):
    product = make_product(cooperative=cooperative)
    make_rating(product, date(2024, 1, 5), date(2027, 1, 4))
    reminder = row("ocop_expiry")
    make_rating(product, date(2026, 11, 20), date(2029, 11, 19), stars=4)
    assert [day for _subject, day in anchors("ocop_expiry")] == [date(2029, 11, 19)]
    assert over(reminder) == SkipReason.DONE


def test_of_a_product_taken_out_of_the_register_nothing_is_left_to_remind(cooperative):
    product = make_product(cooperative=cooperative)
    make_rating(product, date(2024, 1, 5), date(2027, 1, 4))
    OcopPaper.objects.create(product=product, kind="test_report", expires_on=date(2027, 1, 10))
    certificate, paper = row("ocop_expiry"), row("ocop_paper_expiry")
    product.delete()
    assert (anchors("ocop_expiry"), anchors("ocop_paper_expiry")) == ([], [])
    assert (over(certificate), over(paper)) == (SkipReason.GONE, SkipReason.GONE)


def test_of_papers_of_one_kind_the_one_that_is_good_longest_is_reminded_of(cooperative):
    product = make_product("Miến dong", cooperative=cooperative)
    for number, day in enumerate((date(2026, 12, 1), date(2027, 1, 10))):
        OcopPaper.objects.create(product=product, kind="test_report", number=str(number), expires_on=day)
    OcopPaper.objects.create(product=product, kind="vietgap", expires_on=date(2027, 2, 1))
    assert anchors("ocop_paper_expiry") == [
        (f"product/{product.pk}/test_report", date(2027, 1, 10)),
        (f"product/{product.pk}/vietgap", date(2027, 2, 1)),
    ]
    assert said(row("ocop_paper_expiry")) == (
        "Phiếu kiểm nghiệm của Miến dong (Hợp tác xã Miến dong Nà Duồng) có giá trị đến hết ngày 10/01/2027"
    )


@pytest.mark.parametrize("expires_on", [date(2028, 1, 1), None])
def test_a_paper_beside_one_that_is_good_longer_is_reminded_of_no_more(cooperative, expires_on):
    product = make_product(cooperative=cooperative)
    OcopPaper.objects.create(product=product, kind="test_report", expires_on=date(2027, 1, 10))
    reminder = row("ocop_paper_expiry")
    OcopPaper.objects.create(product=product, kind="test_report", number="2", expires_on=expires_on)
    assert [day for _subject, day in anchors("ocop_paper_expiry")] == [day for day in (expires_on,) if day]
    assert over(reminder) == SkipReason.DONE


# --- People placed ------------------------------------------------------------------------------------------


def test_the_end_of_a_contract_is_reminded_of(cooperative):
    placement = make_placement(cooperative)
    assert anchors("placement_end") == [(f"placement/{placement.pk}", date(2026, 12, 31))]
    assert said(row("placement_end")) == (
        "Hợp đồng lao động của Lao động 01 ở Hợp tác xã Miến dong Nà Duồng hết ngày 31/12/2026"
    )


def test_the_end_of_the_support_is_reminded_of_where_the_contract_goes_on(cooperative):
    placement = make_placement(
        cooperative, started_on=date(2024, 1, 1), ends_on=date(2027, 12, 31), exception_note="Tỉnh đồng ý"
    )
    assert anchors("placement_end") == [(f"placement/{placement.pk}", date(2026, 12, 31))]
    assert said(row("placement_end")) == (
        "Thời gian hỗ trợ cho Lao động 01 ở Hợp tác xã Miến dong Nà Duồng hết ngày 31/12/2026"
    )


def test_of_somebody_who_left_no_end_is_reminded(cooperative):
    placement = make_placement(cooperative)
    reminder = row("placement_end")
    Placement.objects.filter(pk=placement.pk).update(left_on=date(2026, 10, 15), leave_reason="other_job")
    assert anchors("placement_end") == []
    assert over(reminder) == SkipReason.DONE


def test_each_supported_month_that_is_over_and_not_confirmed_is_reminded_of_by_its_last_day(cooperative):
    placement = make_placement(cooperative, started_on=date(2026, 8, 1))
    officer = make_user()
    days = {"days_worked": Decimal(22), "standard_days": Decimal(26)}
    confirm_month(placement, date(2026, 9, 1), **days, by=officer, today=TODAY)
    assert anchors("placement_confirm") == [
        (f"placement/{placement.pk}/2026-08", date(2026, 8, 31)),
        (f"placement/{placement.pk}/2026-10", date(2026, 10, 31)),
    ]
    reminder = row("placement_confirm")
    assert said(reminder) == "Hợp tác xã Miến dong Nà Duồng chưa xác nhận ngày công tháng 08/2026 của Lao động 01"
    confirm_month(placement, date(2026, 8, 1), **days, by=officer, today=TODAY)
    assert [day for _subject, day in anchors("placement_confirm")] == [date(2026, 10, 31)]
    assert over(reminder) == SkipReason.DONE


def test_a_month_is_confirmed_on_the_form_by_those_who_may_and_looked_at_by_the_others(everything):
    month = "2026-01"
    number = Placement.objects.get().pk
    form = f"{reverse('cooperatives:month-confirm', args=[number])}?thang={month}"
    page = reverse("cooperatives:placement", args=[number])
    url = SOURCES["placement_confirm"].url
    assert url(row("placement_confirm", by=make_user())) == form
    assert url(row("placement_confirm", by=make_user("cooperative", cooperative=everything))) == form
    assert url(row("placement_confirm", by=make_user("manager"))) == page


def test_of_a_placement_taken_out_of_the_register_nothing_is_left_to_remind(cooperative):
    placement = make_placement(cooperative)
    reminders = [row("placement_end"), row("placement_confirm")]
    placement.delete()
    assert [over(reminder) for reminder in reminders] == [SkipReason.GONE, SkipReason.GONE]


# --- Tax ----------------------------------------------------------------------------------------------------

QUARTER = (date(2027, 1, 1), date(2027, 2, 15))


def test_the_days_that_surely_are_the_cooperatives_own_are_reminded_of(cooperative):
    TaxProfile.objects.create(cooperative=cooperative, vat_filing="quarterly", employs_people=False, agriculture=True)
    subject = f"cooperative/{cooperative.pk}"
    assert anchors("tax_deadline", span=QUARTER) == [
        (f"{subject}/vat_return_quarter/2026-Q4", date(2027, 2, 1)),
        (f"{subject}/vat_payment_quarter/2026-Q4", date(2027, 2, 1)),
        (f"{subject}/cit_provisional/2026-Q4", date(2027, 2, 1)),
        (f"{subject}/annual_return/2027", date(2027, 2, 1)),
    ]
    assert said(row("tax_deadline", today=date(2027, 1, 25), which=-1)).endswith("(Hợp tác xã Miến dong Nà Duồng)")


def test_what_hangs_on_an_answer_nobody_gave_is_not_reminded_of(cooperative):
    assert [subject.split("/")[2] for subject, _day in anchors("tax_deadline", span=QUARTER)] == [
        "cit_provisional", "annual_return",
    ]  # fmt: skip


def test_a_tax_obligation_is_worded_in_the_language_of_its_reader(cooperative):
    reminder = Reminder(
        rule="tax_deadline", detail="cit_provisional/2026-Q4", anchor_on=date(2027, 2, 1), cooperative=cooperative
    )
    assert said(reminder) == (
        "Tạm nộp thuế TNDN quý (không phải nộp tờ khai), kỳ 2026-Q4: hạn ngày 01/02/2027 "
        "(Hợp tác xã Miến dong Nà Duồng)"
    )
    with translation.override("en"):
        assert "Provisional quarterly CIT payment" in said(reminder)


def test_a_day_moved_by_decree_moves_its_reminder(cooperative):
    TaxProfile.objects.create(cooperative=cooperative, vat_filing="quarterly", employs_people=False, agriculture=True)
    DeadlineOverride.objects.create(
        obligation_code="cit_provisional", period="2026-Q4", new_date=date(2027, 4, 30), agriculture_only=True
    )
    found = dict(anchors("tax_deadline", span=(date(2027, 1, 1), date(2027, 5, 31))))
    assert found[f"cooperative/{cooperative.pk}/cit_provisional/2026-Q4"] > date(2027, 4, 29)


def test_a_period_before_the_certificate_is_nobodys_own():
    make_cooperative()
    Cooperative.objects.update(registered_on=date(2027, 1, 5))
    assert [s.split("/")[2] for s, _day in anchors("tax_deadline", today=date(2027, 1, 10), span=QUARTER)] == [
        "annual_return"
    ]


def test_days_of_taxes_long_past_are_not_brought_up_again(cooperative):
    days = [day for _subject, day in anchors("tax_deadline")]
    assert min(days) >= date(2025, 11, 29)


# --- The kinds' own days ------------------------------------------------------------------------------------


def test_an_open_case_is_reminded_of_the_days_its_kind_counts(cooperative):
    case = walk(registration(cooperative, "change", changed_on=date(2025, 9, 8)), "start")
    assert anchors("kind_day") == [(f"case/{case.pk}/filing", date(2025, 9, 18))]
    reminder = row("kind_day")
    assert said(reminder) == "Hạn nộp hồ sơ 18/09/2025: Việc đăng ký (Hợp tác xã Miến dong Nà Duồng)"
    step(case, "submit")
    assert anchors("kind_day") == []
    assert over(reminder) == SkipReason.DONE


def test_the_days_of_a_case_that_ended_are_not_reminded_of(cooperative):
    case = walk(registration(cooperative, "change", changed_on=date(2025, 9, 8)), "start")
    reminder = row("kind_day")
    step(case, "withdraw", note="Thôi")
    assert anchors("kind_day") == []
    assert over(reminder) == SkipReason.CLOSED


def test_the_day_of_a_meeting_that_is_put_off_has_moved(cooperative):
    details = {"congress_kind": "annual", "planned_on": date(2026, 12, 20)}
    case = make_case(cooperative, topic="term_congress", today=TODAY, details=details)
    assert anchors("kind_day") == [(f"case/{case.pk}/notice", date(2026, 12, 17))]
    reminder = row("kind_day")
    type(case.details).objects.update(planned_on=date(2026, 12, 27))
    assert anchors("kind_day") == [(f"case/{case.pk}/notice", date(2026, 12, 24))]
    assert over(reminder) == SkipReason.MOVED


def test_the_days_of_a_kind_are_asked_for_within_a_case_or_a_cooperative(cooperative):
    details = {"congress_kind": "annual", "planned_on": date(2026, 12, 20)}
    cases = [make_case(party, topic="term_congress", today=TODAY, details=details)
             for party in (cooperative, make_cooperative())]  # fmt: skip
    first = [(f"case/{cases[0].pk}/notice", date(2026, 12, 17))]
    assert anchors("kind_day", within=Within(cases=frozenset({cases[0].pk}))) == first
    assert anchors("kind_day", within=Within(cooperatives=frozenset({cooperative.pk}))) == first
    assert anchors("kind_day", within=Within(subjects=frozenset({first[0][0]}))) == first


# --- Much of it ---------------------------------------------------------------------------------------------


def _queries(today: date) -> Counter:
    """How often what was asked, by how the question begins; rows are written some dozens at a time."""
    with CaptureQueriesContext(connection) as asked:
        enter_due(today, scene=Scene.on(today))
    said = [query["sql"] for query in asked.captured_queries]
    return Counter(sql.partition(" WHERE ")[0][:150] for sql in said if sql.startswith("SELECT"))


def _populate(count: int) -> None:
    """Some cooperatives with something due on ``TODAY`` for every occasion of the register, and their cases."""
    officer = make_user()
    for _turn in range(count):
        party = make_cooperative(registered_on=date(2026, 7, 2))
        Membership.objects.create(user=make_user("cooperative"), cooperative=party, since=TODAY)
        make_term(party, date(2021, 12, 31), date(2026, 12, 30))
        meet(party, date(2025, 8, 30))
        product = make_product(cooperative=party)
        make_rating(product, date(2024, 1, 5), date(2026, 12, 30))
        OcopPaper.objects.create(product=product, kind="test_report", expires_on=date(2026, 12, 30))
        make_placement(party, started_on=date(2026, 9, 1), ends_on=date(2026, 12, 30))
        details = {"congress_kind": "annual", "planned_on": date(2026, 12, 6)}
        make_case(party, topic="term_congress", by=officer, today=date(2026, 11, 2), details=details)
        registration(party, "change", by=officer, opened_on=date(2026, 11, 20), changed_on=date(2026, 11, 20))


def test_a_sweep_through_the_register_asks_as_often_for_many_as_for_few():
    shipped_rules()
    make_rule("annual_congress", "-31", key="before-the-year")
    make_rule("tax_deadline", "-63", key="long-before", audience="cooperative,officer", look_back_days=5)
    _populate(2)
    few = _queries(TODAY)
    entered = set(Reminder.objects.values_list("rule", flat=True))
    Reminder.objects.all().delete()
    _populate(8)
    assert _queries(TODAY) == few
    assert entered >= {*REGISTER, "kind_day"}

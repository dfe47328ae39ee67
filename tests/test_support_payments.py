"""Payments of the human-resource support: each confirmed month once, with the inputs of its amount; and classes."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction

from cooperatives.errors import InvalidEntry, NotAllowedNow
from cooperatives.models import (
    LegalRule,
    PaymentBatch,
    PaymentItem,
    TrainingClass,
    TrainingParticipation,
)
from cooperatives.reference import add_missing
from cooperatives.workforce.payments import Totals, batch_totals, make_batch, note_paid, payable_months
from cooperatives.workforce.training import enter_participation, enter_training, with_sums
from tests.factories import make_cooperative, make_user
from tests.racing import at_once, of_kind
from tests.test_workforce import JULY, JUNE, TODAY, approve, confirm, make_placement, refusal

SUMMER = {"from_month": date(2024, 5, 1), "to_month": JULY}


def load_rules():
    """Write the rules as they are shipped."""
    add_missing(settings.FIXTURES_DIR / "reference" / "legal_rules.csv", LegalRule, ("key", "valid_from"))


@pytest.fixture
def placement(db):
    """A placement in a district with May, June and July 2024 confirmed."""
    load_rules()
    placement = make_placement()
    for month in (date(2024, 5, 1), JUNE, JULY):
        confirm(placement, month)
    return placement


def batch(number="12/QĐ-LM", *, by=None, **fields) -> PaymentBatch:
    """A batch for May to July 2024, decided on 15/08/2024."""
    fields = {"decided_on": date(2024, 8, 15), **SUMMER} | fields
    return make_batch(number, **fields, by=by or make_user(), today=TODAY)


def test_a_batch_pays_confirmed_months_across_the_change_of_wages_with_their_inputs(placement):
    made = batch(note="Đợt 2 năm 2024")
    assert [
        (item.month, item.amount, item.coefficient, item.wage, item.region, item.policy_amount, item.is_provisional)
        for item in made.items.all()
    ] == [
        (date(2024, 5, 1), 4_875_000, Decimal("1.5"), 3_250_000, 4, None, False),
        (JUNE, 4_875_000, Decimal("1.5"), 3_250_000, 4, None, False),
        (JULY, 5_175_000, Decimal("1.5"), 3_450_000, 4, None, False),
    ]
    assert made.items.get(month=JULY).rules == (
        "hr.coefficient@2022-02-14; rmw.region_4@2024-07-01; area_region.061@2020-01-01"
    )
    assert batch_totals([made]) == {made.pk: Totals(months=3, people=1, cooperatives=1, amount=14_925_000)}


def test_what_was_paid_stays_as_it_was_when_a_rule_is_corrected(placement):
    made = batch()
    LegalRule.objects.filter(key="hr.coefficient").update(value="2")
    assert batch_totals([made])[made.pk].amount == 14_925_000


def test_only_worked_confirmed_and_supported_months_of_the_span_are_paid(placement):
    confirm(placement, date(2024, 4, 1))
    confirm(placement, JUNE, "0")
    LegalRule.objects.filter(key="hr.max_months").update(value="17")
    made = batch()
    assert [item.month for item in made.items.all()] == [date(2024, 5, 1)]


def test_a_second_batch_pays_what_came_late_and_nothing_twice(placement):
    batch("1")
    with pytest.raises(NotAllowedNow) as refused:
        batch("2")
    assert refused.value.problems == ["Không có tháng nào đã xác nhận mà chưa chi trả trong khoảng này."]
    other = make_placement(placement.cooperative, person_label="Lao động 02")
    confirm(other, JUNE)
    assert [(item.placement, item.month) for item in batch("2").items.all()] == [(other, JUNE)]
    assert PaymentBatch.objects.count() == 2


def test_the_same_batch_asked_for_again_is_the_one_that_is_there_and_its_number_is_no_other_ones(placement):
    made = batch()
    assert batch() == made
    confirm(make_placement(), JUNE)
    said = refusal(lambda: batch(to_month=JUNE))
    assert said == {"number": ["Đã có Đợt chi trả hỗ trợ nhân lực trùng Số quyết định chi."]}
    assert (PaymentBatch.objects.count(), PaymentItem.objects.count()) == (1, 3)


def test_a_batch_may_be_for_some_cooperatives_only(placement):
    other = make_placement()
    confirm(other, JUNE)
    made = batch(cooperatives=[other.cooperative])
    assert [item.placement for item in made.items.all()] == [other]
    assert [one.placement for one in payable_months(**SUMMER)] == [placement] * 3


def test_the_amount_of_the_decision_and_a_provisional_region_are_kept_with_the_month(db):
    load_rules()
    cooperative = make_cooperative()
    line = approve(cooperative, monthly_amount=6_000_000)
    placement = make_placement(cooperative, approved=line, started_on=date(2025, 1, 1), ends_on=date(2025, 12, 31))
    confirm(placement, date(2025, 8, 1))
    made = batch(from_month=date(2025, 8, 1), to_month=date(2025, 8, 1), decided_on=date(2025, 9, 1))
    (item,) = made.items.all()
    assert (item.amount, item.policy_amount, item.wage, item.region, item.is_provisional) == (
        6_000_000, 6_000_000, 3_450_000, 4, True
    )  # fmt: skip


def test_months_no_rule_makes_an_amount_for_wait(db):
    load_rules()
    placement = make_placement()
    confirm(placement, JUNE)
    LegalRule.objects.filter(key__startswith="area_region.").delete()
    with pytest.raises(NotAllowedNow):
        batch()
    assert not PaymentBatch.objects.exists()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"number": " "}, "number"),
        ({"decided_on": TODAY + timedelta(days=1)}, "decided_on"),
        ({"decided_on": date(1, 1, 1)}, "decided_on"),
        ({"decided_on": date(2024, 7, 30)}, "decided_on"),
        ({"from_month": date(2024, 8, 1)}, "to_month"),
        ({"from_month": date(2001, 1, 1)}, "to_month"),
    ],
)
def test_impossible_batches_are_refused_at_their_fields(placement, fields, field):
    fields = {"number": "1"} | fields
    assert list(refusal(lambda: batch(**fields))) == [field]
    assert not PaymentBatch.objects.exists()


def test_the_day_of_payment_lies_between_the_decision_and_today(placement):
    made = batch()
    for day in (date(2024, 8, 14), TODAY + timedelta(days=1)):
        assert list(refusal(lambda day=day: note_paid(made, day, today=TODAY))) == ["paid_on"]
    note_paid(made, date(2024, 8, 20), today=TODAY)
    assert PaymentBatch.objects.get().paid_on == date(2024, 8, 20)


@pytest.mark.database
def test_the_database_itself_refuses_a_month_paid_twice(placement):
    made = batch()
    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentItem.objects.create(batch=made, placement=placement, month=JUNE, amount=1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.database
class TestAtOnce:
    """Two people pay at the same moment."""

    @pytest.fixture
    def confirmed(self, transactional_db):
        """Three people with June and July confirmed."""
        load_rules()
        placements = [make_placement() for _ in range(3)]
        for placement in placements:
            for month in (JUNE, JULY):
                confirm(placement, month)
        return placements

    def test_each_month_is_paid_once_by_one_of_them(self, confirmed):
        users = [make_user(), make_user()]
        results = at_once(*(lambda n=n, by=by: batch(f"{n}", by=by) for n, by in enumerate(users)))
        assert len(of_kind(results, PaymentBatch)) == len(of_kind(results, NotAllowedNow)) == 1
        assert PaymentItem.objects.count() == 6

    def test_spans_that_overlap_share_the_months_out(self, confirmed):
        by = make_user()
        results = at_once(
            lambda: batch("1", by=by, from_month=JUNE, to_month=JUNE),
            lambda: batch("2", by=by, from_month=JUNE, to_month=JULY),
        )
        assert of_kind(results, PaymentBatch)
        assert [r for r in results if not isinstance(r, PaymentBatch | NotAllowedNow)] == []
        paid = list(PaymentItem.objects.values_list("placement", "month"))
        assert len(paid) == len(set(paid)) == 6

    def test_one_number_for_two_cooperatives_is_one_batch_and_a_refusal(self, confirmed):
        by = make_user()
        results = at_once(
            lambda: batch("1", by=by, to_month=JUNE, cooperatives=[confirmed[0].cooperative]),
            lambda: batch("1", by=by, cooperatives=[confirmed[1].cooperative]),
        )
        assert len(of_kind(results, PaymentBatch)) == len(of_kind(results, InvalidEntry)) == 1

    def test_a_double_click_makes_one_batch(self, confirmed):
        by = make_user()
        results = at_once(*[lambda: batch("1", by=by)] * 2)
        assert len({made.pk for made in of_kind(results, PaymentBatch)}) == 1
        assert PaymentItem.objects.count() == 6

    def test_a_month_is_corrected_or_paid_never_both_halves_of_each(self, confirmed):
        by, placement = make_user(), confirmed[0]
        at_once(lambda: batch("1", by=by), lambda: confirm(placement, JUNE, "0", by=by))
        worked = placement.confirmations.get(month=JUNE).days_worked
        assert placement.payments.filter(month=JUNE).exists() == (worked > 0)


# --- Training classes ------------------------------------------------------------------------------------------


def make_training(**fields) -> TrainingClass:
    """A class of two days in May 2024."""
    fields = {
        "name": "Kế toán HTX",
        "organiser": "Liên minh HTX tỉnh",
        "started_on": date(2024, 5, 6),
        "ended_on": date(2024, 5, 7),
    } | fields
    return enter_training(TrainingClass(**fields), today=TODAY)


def join(training, cooperative=None, participants=4, women=2, ethnic_minority=3):
    """Enter how many people came."""
    return enter_participation(
        TrainingParticipation(
            training=training,
            cooperative=cooperative or make_cooperative(),
            participants=participants,
            women=women,
            ethnic_minority=ethnic_minority,
        )
    )


@pytest.mark.django_db
class TestTraining:
    """Classes and who came, in numbers."""

    def test_a_class_sums_up_who_came_and_one_without_anybody_is_zero(self):
        full, empty = make_training(), make_training(name="Bán hàng trực tuyến")
        join(full)
        join(full, participants=1, women=0, ethnic_minority=0)
        sums = {
            row.pk: (row.cooperatives, row.participants, row.women, row.ethnic_minority)
            for row in with_sums(TrainingClass.objects.all())
        }
        assert sums == {full.pk: (2, 5, 2, 3), empty.pk: (0, 0, 0, 0)}

    def test_figures_entered_again_replace_the_first(self):
        training, cooperative = make_training(), make_cooperative()
        join(training, cooperative)
        join(training, cooperative, participants=6)
        assert TrainingParticipation.objects.get().participants == 6

    @pytest.mark.parametrize(
        ("figures", "field"),
        [
            ({"participants": 0, "women": 0, "ethnic_minority": 0}, "participants"),
            ({"women": 5}, "__all__"),
            ({"ethnic_minority": 5}, "__all__"),
            ({"participants": 1001}, "participants"),
        ],
    )
    def test_parts_greater_than_the_whole_are_refused(self, figures, field):
        assert list(refusal(lambda: join(make_training(), **figures))) == [field]
        assert not TrainingParticipation.objects.exists()

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"ended_on": date(2024, 5, 5)}, "__all__"),
            ({"started_on": date(1, 1, 1)}, "started_on"),
            ({"ended_on": date(2028, 1, 1)}, "ended_on"),
            ({"name": ""}, "name"),
            ({"cost": -1}, "cost"),
        ],
    )
    def test_impossible_classes_are_refused_at_their_fields(self, fields, field):
        assert list(refusal(lambda: make_training(**fields))) == [field]

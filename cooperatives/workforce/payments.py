"""Batches that pay confirmed months, each month once, and their sums."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Sum
from django.utils.translation import gettext_lazy as _

from cooperatives.errors import InvalidEntry, NotAllowedNow
from cooperatives.models import Cooperative, MonthlyConfirmation, PaymentBatch, PaymentItem, Placement, moment_to_record
from cooperatives.text import nfc
from cooperatives.workforce.acts import EARLIEST_DECISION, Problems, field_problems, refuse, save_once
from cooperatives.workforce.months import first_day, last_day, tallies
from cooperatives.workforce.rules import SupportRules
from cooperatives.workforce.support import Support, support_for_month

#: A batch pays two years' months at most; what is older is paid by a batch of its own.
MOST_MONTHS = 24


class Payable(NamedTuple):
    """A confirmed month that no batch has paid, with what it is worth."""

    placement: Placement
    support: Support


class Totals(NamedTuple):
    """Sums of a batch: months paid, people, cooperatives, and đồng."""

    months: int
    people: int
    cooperatives: int
    amount: int


def make_batch(
    number: str,
    *,
    from_month: date,
    to_month: date,
    decided_on: date,
    by,
    today: date,
    cooperatives: Collection[Cooperative] | None = None,
    note: str = "",
) -> PaymentBatch:
    """Make a batch of all confirmed, unpaid months from ``from_month`` to ``to_month`` and return it.

    Asked again with the same number, months and day, the batch that is there is returned. The placements are locked
    in one order, so that of two people who pay at once the later finds the months of the earlier one paid. Months
    beyond the limit of the programme, and months no rule makes an amount for, are left out.

    Raises:
        InvalidEntry: with messages by field.
        NotAllowedNow: when there is nothing to pay.
    """
    batch = PaymentBatch(
        number=nfc(number or ""),
        decided_on=decided_on,
        from_month=first_day(from_month),
        to_month=first_day(to_month),
        note=nfc(note or ""),
        made_by=by,
    )
    refuse(_batch_problems(batch, today))
    with transaction.atomic():
        batch.made_at = moment_to_record()
        unpaid = _unpaid(batch.from_month, batch.to_month, cooperatives)
        locked = Placement.objects.select_for_update().filter(pk__in=unpaid.values("placement")).order_by("pk")
        pks = {placement.pk for placement in locked}
        if there := _made_before(batch):
            return there
        found = payable_months(batch.from_month, batch.to_month, cooperatives)
        # A month confirmed this very moment belongs to a placement nobody holds; the next batch pays it.
        payable = [one for one in found if one.placement.pk in pks]
        if not payable:
            raise NotAllowedNow([_("Không có tháng nào đã xác nhận mà chưa chi trả trong khoảng này.")])
        refuse(field_problems(batch, ()))
        save_once(batch, _("Số quyết định chi này đã có."))
        PaymentItem.objects.bulk_create([_item(batch, one) for one in payable], batch_size=500)
    return batch


def payable_months(
    from_month: date, to_month: date, cooperatives: Collection[Cooperative] | None = None
) -> list[Payable]:
    """Return the confirmed months nobody has paid, within the limits, each with its support; by cooperative."""
    rules = SupportRules.load()
    confirmed = list(
        _unpaid(from_month, to_month, cooperatives)
        .select_related(
            "placement__approved", "placement__cooperative__new_commune", "placement__cooperative__old_district"
        )
        .order_by("placement__cooperative__sort_key", "placement", "month")
    )
    tally = tallies({row.placement_id: row.placement for row in confirmed}.values(), rules)
    worth = [
        Payable(row.placement, support_for_month(row.placement, row.month, rules))
        for row in confirmed
        if row.month in tally[row.placement_id].supported
    ]
    return [one for one in worth if one.support.amount is not None]


def note_paid(batch: PaymentBatch, paid_on: date, *, today: date) -> PaymentBatch:
    """Write the day the money of a batch went out, and return the batch.

    Raises:
        InvalidEntry: for a day that cannot be right.
    """
    with transaction.atomic():
        locked = PaymentBatch.objects.select_for_update().get(pk=batch.pk)
        if not locked.decided_on <= paid_on <= today:
            raise InvalidEntry({"paid_on": [_("Ngày chi tiền phải từ ngày quyết định đến hôm nay.")]})
        locked.paid_on = paid_on
        locked.save(update_fields=["paid_on"])
    return locked


def batch_totals(batches: Iterable[PaymentBatch]) -> dict[int, Totals]:
    """Return the sums of batches by primary key, in one query."""
    rows = (
        PaymentItem.objects.filter(batch__in=[batch.pk for batch in batches])
        .order_by()
        .values("batch")
        .annotate(
            months=Count("pk"),
            people=Count("placement", distinct=True),
            cooperatives=Count("placement__cooperative", distinct=True),
            total=Sum("amount"),
        )
    )
    return {row["batch"]: Totals(row["months"], row["people"], row["cooperatives"], int(row["total"])) for row in rows}


def _batch_problems(batch: PaymentBatch, today: date) -> Problems:
    """Return what cannot be right in a batch, by field; that its number is taken is found out under the locks."""
    problems: Problems = {} if batch.number else {"number": [_("Cần ghi số quyết định chi.")]}
    if not EARLIEST_DECISION <= batch.decided_on <= today:
        problems["decided_on"] = [_("Ngày quyết định không thể ở tương lai hay quá xa trong quá khứ.")]
    span = (batch.to_month.year - batch.from_month.year) * 12 + batch.to_month.month - batch.from_month.month
    if span < 0:
        problems["to_month"] = [_("Tháng cuối không thể trước tháng đầu.")]
    elif span >= MOST_MONTHS:
        problems["to_month"] = [_("Mỗi đợt chi nhiều nhất %(most)s tháng.") % {"most": MOST_MONTHS}]
    elif last_day(batch.to_month) > batch.decided_on:
        problems.setdefault("decided_on", [_("Ngày quyết định phải sau khi hết tháng cuối của đợt.")])
    return problems


def _made_before(batch: PaymentBatch) -> PaymentBatch | None:
    """Return the batch of this number when it is the same one, made by an earlier click."""
    there = PaymentBatch.objects.filter(number=batch.number).first()
    same = ("decided_on", "from_month", "to_month")
    if there and all(getattr(there, name) == getattr(batch, name) for name in same):
        return there
    return None


def _unpaid(from_month: date, to_month: date, cooperatives: Collection[Cooperative] | None):
    """Return the confirmations of worked months in the span that no item has paid."""
    paid = PaymentItem.objects.filter(placement=OuterRef("placement"), month=OuterRef("month"))
    rows = MonthlyConfirmation.objects.filter(~Exists(paid), month__range=(from_month, to_month), days_worked__gt=0)
    if cooperatives is not None:
        rows = rows.filter(placement__cooperative__in=[one.pk for one in cooperatives])
    return rows


def _item(batch: PaymentBatch, one: Payable) -> PaymentItem:
    support = one.support
    return PaymentItem(
        batch=batch,
        placement=one.placement,
        month=support.month,
        amount=support.amount,
        policy_amount=support.policy_amount,
        coefficient=support.coefficient,
        wage=support.wage,
        region=support.region.number if support.region else None,
        is_provisional=support.provisional,
        rules=support.rule_ids[:400],
    )

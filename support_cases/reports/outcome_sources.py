"""What support led to in the register: loans, stars, terms, placements, registrations, each on its day."""

from collections.abc import Callable

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from cooperatives.choices import ENDED_STATUSES, LoanResult
from cooperatives.models import (
    Branch,
    Congress,
    Cooperative,
    Disbursement,
    ListRevision,
    Loan,
    MonthlyConfirmation,
    OcopRating,
    PaymentItem,
    Placement,
    RegisteredFact,
    RegistrationChange,
    Suspension,
    Term,
    as_known,
)
from support_cases.reports import listings
from support_cases.reports.kinds import Scope
from support_cases.reports.sources import Source


def _days(scope: Scope) -> tuple:
    return scope.period.start, scope.period.end


def _known(rows: QuerySet, scope: Scope, column: str = "recorded_at") -> QuerySet:
    """Return the rows that were written down before the moment of the scope."""
    return rows if scope.moment is None else rows.filter(**{f"{column}__lt": scope.moment})


def _falling(rows: type[Model], day: str) -> Callable[[Scope], QuerySet]:
    """Return what gives the rows of a table whose ``day`` lies in the period."""
    return lambda scope: rows._default_manager.filter(**{f"{day}__range": _days(scope)})


def _founded(scope: Scope) -> QuerySet:
    """Return the cooperatives registered in the period, with what the register said of them then."""
    rows = _known(Cooperative.objects.all(), scope, "created_at")
    first_day, kind = as_known("registered_on", scope.moment), as_known("kind", scope.moment)
    return rows.annotate(known_first_day=first_day, known_kind=kind).filter(known_first_day__range=_days(scope))


def _changes(scope: Scope) -> QuerySet:
    return _known(RegistrationChange.objects.filter(changed_on__range=_days(scope)), scope)


def _ended(scope: Scope) -> QuerySet:
    """Return the changes by which a cooperative that stood came to its end."""
    rows = _changes(scope).filter(fact=RegisteredFact.LEGAL_STATUS, new__in=ENDED_STATUSES)
    return rows.exclude(old__in=ENDED_STATUSES)


def _payments(scope: Scope, day: str) -> QuerySet:
    rows = PaymentItem.objects.filter(**{f"batch__{day}__range": _days(scope)})
    return _known(rows, scope, "batch__made_at")


def _people(scope: Scope) -> QuerySet:
    """Return one placement for each person who has worked in the period; nobody works on days to come."""
    if scope.stand < scope.period.start:
        return Placement.objects.none()
    return Placement.objects.people_between(scope.period.start, scope.stand)


_LENDER = (("lender", "lender"),)
ASKED = Source(
    "loans_asked",
    _("Khoản vay đã nộp đề nghị"),
    _falling(Loan, "submitted_on"),
    listings.LOANS,
    day="submitted_on",
    money="requested",
    keys=_LENDER,
)
GRANTED = Source(
    "loans_granted",
    _("Khoản vay được duyệt"),
    lambda scope: Loan.objects.decided_between(*_days(scope)).granted(),
    listings.LOANS,
    day="counted_on",
    money="approved",
    keys=_LENDER,
)
REFUSED = Source(
    "loans_refused",
    _("Khoản vay bị từ chối"),
    lambda scope: Loan.objects.decided_between(*_days(scope)).filter(result=LoanResult.REFUSED),
    listings.LOANS,
    day="counted_on",
    money="requested",
    keys=_LENDER,
)
PAID_OUT = Source(
    "loans_paid",
    _("Khoản vay được giải ngân"),
    lambda scope: Disbursement.objects.known_at(scope.moment).filter(paid_on__range=_days(scope)),
    listings.PAID_LOANS,
    day="paid_on",
    money="amount",
    number="loan",
    owner="loan__cooperative",
    keys=(("lender", "loan__lender"),),
    listed=lambda scope: Loan.objects.paid_between(*_days(scope), scope.moment),
    listed_keys=_LENDER,
    listed_money="paid",
)

_STARS = (("stars", "stars"),)
WON = Source(
    "stars_won",
    _("Sản phẩm OCOP được phân hạng"),
    lambda scope: OcopRating.objects.won_between(*_days(scope)),
    listings.RATINGS,
    day="decided_on",
    owner="product__cooperative",
    keys=_STARS,
)
STARS_LAPSING = Source(
    "stars_lapsing",
    _("Giấy chứng nhận OCOP hết hạn"),
    lambda scope: OcopRating.objects.lapsing(*_days(scope)),
    listings.RATINGS,
    day="valid_until",
    owner="product__cooperative",
    keys=_STARS,
)
STARS_LOST = Source(
    "stars_not_renewed",
    _("Hết hạn, chưa phân hạng lại"),
    lambda scope: OcopRating.objects.current_on(scope.stand).lapsing(*_days(scope)),
    listings.RATINGS,
    owner="product__cooperative",
    keys=_STARS,
)
STARS_VALID = Source(
    "stars_valid",
    _("Sản phẩm OCOP còn hạn cuối kỳ"),
    lambda scope: OcopRating.objects.valid_on(scope.stand),
    listings.RATINGS,
    owner="product__cooperative",
    keys=_STARS,
)

RENEWED = Source(
    "terms_renewed",
    _("Nhiệm kỳ mới của HĐQT"),
    lambda scope: Term.objects.renewed_between(*_days(scope)),
    listings.TERMS,
    day="started_on",
)
TERMS_LAPSING = Source(
    "terms_lapsing",
    _("Nhiệm kỳ HĐQT hết hạn"),
    lambda scope: Term.objects.lapsing(*_days(scope)),
    listings.TERMS,
    day="ends_on",
)
TERMS_LAPSED = Source(
    "terms_not_renewed",
    _("Nhiệm kỳ hết hạn, chưa có nhiệm kỳ mới"),
    lambda scope: Term.objects.lapsing(*_days(scope)).not_followed_by(scope.stand),
    listings.TERMS,
)
YEARLY_MEETINGS = Source(
    "yearly_meetings",
    _("Đại hội tính là thường niên (đủ số người dự)"),
    lambda scope: Congress.objects.yearly().filter(held_on__range=_days(scope)),
    listings.MEETINGS,
    day="held_on",
)
MEETINGS = Source(
    "meetings",
    _("Đại hội các loại"),
    _falling(Congress, "held_on"),
    listings.MEETINGS,
    day="held_on",
    keys=(("kind", "kind"),),
)

BEGUN = Source(
    "placements_begun",
    _("Hợp đồng lao động bắt đầu"),
    _falling(Placement, "started_on"),
    listings.PLACEMENTS,
    day="started_on",
)
PEOPLE = Source(
    "placements_people",
    _("Lao động làm việc trong kỳ"),
    _people,
    listings.PLACEMENTS,
    anew=True,
)
CONFIRMED = Source(
    "months_confirmed",
    _("Tháng đã xác nhận làm việc"),
    lambda scope: MonthlyConfirmation.objects.filter(month__range=_days(scope), days_worked__gt=0),
    listings.CONFIRMATIONS,
    day="month",
    owner="placement__cooperative",
)
DECIDED = Source(
    "support_decided",
    _("Tháng được quyết định chi"),
    lambda scope: _payments(scope, "decided_on"),
    listings.PAYMENTS,
    day="batch__decided_on",
    money="amount",
    owner="placement__cooperative",
)
PAID = Source(
    "support_paid",
    _("Tháng đã chi tiền"),
    lambda scope: _payments(scope, "paid_on"),
    listings.PAYMENTS,
    day="batch__paid_on",
    money="amount",
    owner="placement__cooperative",
)

FOUNDED = Source(
    "founded", _("HTX thành lập mới"), _founded, listings.COOPERATIVES,
    day="known_first_day", owner="pk", keys=(("kind", "known_kind"),),
)  # fmt: skip
ENDED = Source("ended", _("HTX giải thể, chấm dứt, bị thu hồi"), _ended, listings.CHANGES, day="changed_on")
CHANGED = Source(
    "changes", _("Thay đổi đăng ký"), _changes, listings.CHANGES, day="changed_on", keys=(("fact", "fact"),)
)
LINES_CHANGED = Source(
    "lines_changed",
    _("Lần thay đổi ngành, nghề"),
    lambda scope: _known(ListRevision.objects.filter(changed_on__range=_days(scope)), scope),
    listings.REVISIONS,
    day="changed_on",
)
BRANCHES_OPENED = Source(
    "branches_opened",
    _("Đơn vị phụ thuộc mở mới"),
    _falling(Branch, "opened_on"),
    listings.BRANCHES,
    day="opened_on",
)
BRANCHES_CLOSED = Source(
    "branches_closed",
    _("Đơn vị phụ thuộc chấm dứt"),
    _falling(Branch, "closed_on"),
    listings.BRANCHES,
    day="closed_on",
)
SUSPENDED = Source(
    "suspended",
    _("Lần tạm ngừng kinh doanh"),
    _falling(Suspension, "starts_on"),
    listings.SUSPENSIONS,
    day="starts_on",
)

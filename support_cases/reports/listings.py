"""How the rows behind a figure are listed: the columns of each kind of row, and the page that shows one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from cooperatives.errors import Words
from support_cases.reports.kinds import Listed
from support_cases.reports.tables import Column, Shape


@dataclass(frozen=True)
class Listing:
    """How rows of one table are shown; ``related`` are followed in the same query."""

    columns: tuple[Column, ...]
    line: Callable[[Any], tuple]
    address: Callable[[Any], tuple[str, tuple] | None]
    related: tuple[str, ...] = ()


def listed(title: Words, rows: QuerySet, listing: Listing, summed: str = "") -> Listed:
    """Return ``rows`` in the order of their table, ties by their numbers, shown by ``listing``; see ``Listed``."""
    ordered = rows.select_related(*listing.related).order_by(*rows.model._meta.ordering, "pk")
    return Listed(title, ordered, listing.columns, listing.line, listing.address, summed)


def _text(code: str, title: Words) -> Column:
    return Column(code, title, Shape.TEXT)


def _day(code: str, title: Words) -> Column:
    return Column(code, title, Shape.DAY)


def _money(code: str, title: Words) -> Column:
    return Column(code, title, Shape.MONEY)


_HTX = _text("cooperative", _("HTX"))

COOPERATIVES = Listing(
    (_text("name", _("Tên")), _text("kind", _("Loại hình")), _day("registered_on", _("Ngày đăng ký"))),
    lambda row: (row.name, str(row.get_kind_display()), row.registered_on),
    lambda row: ("cooperatives:detail", (row.pk,)),
)

_LOAN_COLUMNS = (
    _HTX,
    _text("lender", _("Nơi cho vay")),
    _day("submitted_on", _("Ngày nộp")),
    _day("decided_on", _("Ngày quyết định")),
    _text("result", _("Kết quả")),
    _money("requested", _("Đề nghị vay (đồng)")),
    _money("approved", _("Được duyệt (đồng)")),
)


def _loan_line(row) -> tuple:
    return (
        row.cooperative.name,
        str(row.get_lender_display()),
        row.submitted_on,
        row.decided_on,
        str(row.get_result_display()),
        row.requested,
        row.approved,
    )


def _loan_address(row) -> tuple[str, tuple]:
    return "cooperatives:loan", (row.pk,)


LOANS = Listing(_LOAN_COLUMNS, _loan_line, _loan_address, ("cooperative",))
#: Of rows of ``LoanQuerySet.paid_between``.
PAID_LOANS = Listing(
    (*_LOAN_COLUMNS, _money("paid", _("Giải ngân trong kỳ (đồng)"))),
    lambda row: (*_loan_line(row), int(row.paid)),
    _loan_address,
    ("cooperative",),
)

RATINGS = Listing(
    (
        _text("product", _("Sản phẩm")),
        _HTX,
        Column("stars", _("Số sao")),
        _day("decided_on", _("Ngày quyết định")),
        _day("valid_until", _("Có giá trị đến")),
    ),
    lambda row: (row.product.name, row.product.cooperative.name, row.stars, row.decided_on, row.valid_until),
    lambda row: ("cooperatives:ocop-product", (row.product.cooperative_id, row.product_id)),
    ("product__cooperative",),
)

TERMS = Listing(
    (
        _HTX,
        _day("started_on", _("Bắt đầu")),
        _day("ends_on", _("Kết thúc")),
        _text("chair", _("Chủ tịch HĐQT / Giám đốc")),
    ),
    lambda row: (row.cooperative.name, row.started_on, row.ends_on, row.chair),
    lambda row: ("cooperatives:obligations", (row.cooperative_id,)),
    ("cooperative",),
)

MEETINGS = Listing(
    (_HTX, _text("kind", _("Loại đại hội")), _day("held_on", _("Ngày họp")), Column("present", _("Số người dự họp"))),
    lambda row: (row.cooperative.name, str(row.get_kind_display()), row.held_on, row.present),
    lambda row: ("cooperatives:obligations", (row.cooperative_id,)),
    ("cooperative",),
)

PLACEMENTS = Listing(
    (
        _HTX,
        _text("person", _("Lao động (ký hiệu)")),
        _text("job", _("Công việc")),
        _day("started_on", _("Bắt đầu")),
        _day("last_day", _("Ngày làm việc cuối cùng")),
    ),
    lambda row: (row.cooperative.name, row.person_label, str(row.get_job_display()), row.started_on, row.last_day),
    lambda row: ("cooperatives:placement", (row.pk,)),
    ("cooperative",),
)

CONFIRMATIONS = Listing(
    (
        _HTX,
        _text("person", _("Lao động (ký hiệu)")),
        _text("month", _("Tháng")),
        _day("confirmed_on", _("Ngày xác nhận")),
    ),
    lambda row: (
        row.placement.cooperative.name,
        row.placement.person_label,
        f"{row.month:%m/%Y}",
        row.confirmed_on,
    ),
    lambda row: ("cooperatives:placement", (row.placement_id,)),
    ("placement__cooperative",),
)

PAYMENTS = Listing(
    (
        _HTX,
        _text("person", _("Lao động (ký hiệu)")),
        _text("month", _("Tháng")),
        _text("batch", _("Số quyết định chi")),
        _day("decided_on", _("Ngày quyết định")),
        _day("paid_on", _("Ngày chi tiền")),
        _money("amount", _("Số tiền (đồng)")),
    ),
    lambda row: (
        row.placement.cooperative.name,
        row.placement.person_label,
        f"{row.month:%m/%Y}",
        row.batch.number,
        row.batch.decided_on,
        row.batch.paid_on,
        row.amount,
    ),
    lambda row: ("cooperatives:batch", (row.batch_id,)),
    ("placement__cooperative", "batch"),
)

CHANGES = Listing(
    (
        _HTX,
        _text("fact", _("Nội dung")),
        _text("old", _("Trước")),
        _text("new", _("Sau")),
        _day("changed_on", _("Ngày thay đổi")),
    ),
    lambda row: (row.cooperative.name, str(row.get_fact_display()), row.old_words, row.new_words, row.changed_on),
    lambda row: ("cooperatives:registration", (row.cooperative_id,)),
    ("cooperative",),
)

REVISIONS = Listing(
    (_HTX, _day("changed_on", _("Hiệu lực từ")), _text("legal_basis", _("Căn cứ"))),
    lambda row: (row.cooperative.name, row.changed_on, row.legal_basis),
    lambda row: ("cooperatives:lines", (row.cooperative_id,)),
    ("cooperative",),
)

BRANCHES = Listing(
    (
        _HTX,
        _text("kind", _("Loại")),
        _text("name", _("Tên")),
        _day("opened_on", _("Từ ngày")),
        _day("closed_on", _("Chấm dứt ngày")),
    ),
    lambda row: (row.cooperative.name, str(row.get_kind_display()), row.name, row.opened_on, row.closed_on),
    lambda row: ("cooperatives:registration", (row.cooperative_id,)),
    ("cooperative",),
)

SUSPENSIONS = Listing(
    (
        _HTX,
        _day("starts_on", _("Tạm ngừng từ")),
        _day("ends_on", _("Tạm ngừng đến")),
        _day("resumed_on", _("Hoạt động lại từ")),
    ),
    lambda row: (row.cooperative.name, row.starts_on, row.ends_on, row.resumed_on),
    lambda row: ("cooperatives:registration", (row.cooperative_id,)),
    ("cooperative",),
)

YEAR_FIGURES = Listing(
    (
        _HTX,
        Column("members", _("Số thành viên")),
        Column("workers", _("Lao động thường xuyên")),
        _money("revenue", _("Doanh thu (đồng)")),
        _money("profit", _("Lãi, lỗ ghi số âm (đồng)")),
        _money("worker_income", _("Thu nhập bình quân một lao động (đồng/năm)")),
        _text("managers", _("Cán bộ quản lý (sơ, trung cấp / cao đẳng, đại học)")),
        _text("rating", _("Xếp loại")),
    ),
    lambda row: (
        row.cooperative.name,
        row.members,
        row.workers,
        row.revenue,
        row.profit,
        row.worker_income,
        _of(row.managers, row.managers_vocational, row.managers_college),
        str(row.get_rating_display()),
    ),
    lambda row: ("cooperatives:year-figures", (row.cooperative_id,)),
    ("cooperative",),
)

#: What of the same rows is added up to the managers of all.
YEAR_MANAGERS = Listing(
    (
        _HTX,
        Column("managers", _("Cán bộ quản lý")),
        Column("managers_vocational", _("Cán bộ quản lý có trình độ sơ cấp, trung cấp")),
        Column("managers_college", _("Cán bộ quản lý có trình độ cao đẳng, đại học trở lên")),
    ),
    lambda row: (row.cooperative.name, row.managers, row.managers_vocational, row.managers_college),
    YEAR_FIGURES.address,
    ("cooperative",),
)


def _of(whole, *parts) -> str:
    """Return a number with its parts, each a dash where it is not known: "5 (2 / –)"."""
    said = ["–" if one is None else str(one) for one in (whole, *parts)]
    return f"{said[0]} ({said[1]} / {said[2]})"

"""What is written about a congress, how the page lays it out, and what cannot be right in it."""

from collections.abc import Iterator
from datetime import date

from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from cooperatives.choices import CongressKind
from cooperatives.errors import Words
from cooperatives.governance.acts import EARLIEST
from cooperatives.limits import AtMost
from cooperatives.models import Congress, Term
from cooperatives.models.governance import MOST_PEOPLE
from support_cases.support_types.base import CaseDetails, FieldGroup

#: Meetings that may elect the bodies anew.
ELECTING = (CongressKind.TERM, CongressKind.DELEGATES, CongressKind.FOUNDING)
_MOST = [AtMost(MOST_PEOPLE)]
_FURTHEST = date(2100, 1, 1)


class TermCongressDetails(CaseDetails):
    """The meeting: kind, call, days, who came, what was decided; and the rows of the register it became."""

    congress_kind = models.CharField(
        _("Loại đại hội"), max_length=14, choices=CongressKind.choices, default=CongressKind.TERM
    )
    call_no = models.PositiveSmallIntegerField(
        _("Triệu tập lần thứ"), default=1, validators=[MinValueValidator(1), MaxValueValidator(3)]
    )
    fiscal_year = models.PositiveSmallIntegerField(
        _("Họp về năm tài chính"), null=True, blank=True, validators=[MinValueValidator(1990), MaxValueValidator(2099)]
    )
    request_on = models.DateField(_("Ngày có yêu cầu họp bất thường"), null=True, blank=True)
    previous_call_on = models.DateField(_("Ngày họp lần trước không đủ người"), null=True, blank=True)
    planned_on = models.DateField(_("Dự kiến tổ chức"), null=True, blank=True)
    notice_on = models.DateField(_("Ngày gửi giấy mời"), null=True, blank=True)
    held_on = models.DateField(_("Đã tổ chức ngày"), null=True, blank=True)
    official_members = models.PositiveIntegerField(
        _("Số thành viên chính thức"), null=True, blank=True, validators=_MOST
    )
    delegates_invited = models.PositiveIntegerField(
        _("Số đại biểu được triệu tập"), null=True, blank=True, validators=_MOST
    )
    present = models.PositiveIntegerField(_("Số người dự họp"), null=True, blank=True, validators=_MOST)
    votes_for = models.PositiveIntegerField(
        _("Số phiếu tán thành việc quan trọng nhất"), null=True, blank=True, validators=_MOST
    )
    changes_charter = models.BooleanField(_("Sửa điều lệ"), default=False)
    changes_representative = models.BooleanField(_("Đổi người đại diện theo pháp luật"), default=False)
    changes_name_or_address = models.BooleanField(_("Đổi tên hoặc địa chỉ trụ sở"), default=False)
    changes_capital = models.BooleanField(_("Đổi vốn điều lệ đến mức phải đăng ký"), default=False)
    changes_lines = models.BooleanField(_("Đổi ngành, nghề"), default=False)
    changes_tax_info = models.BooleanField(_("Đổi thông tin đăng ký thuế"), default=False)
    term_from = models.DateField(_("Nhiệm kỳ mới từ ngày"), null=True, blank=True)
    term_years = models.PositiveSmallIntegerField(
        _("Số năm của nhiệm kỳ"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    chair = models.CharField(_("Chủ tịch HĐQT hoặc giám đốc được bầu"), max_length=120, blank=True)
    resolution_no = models.CharField(_("Số nghị quyết"), max_length=60, blank=True)
    decisions = models.TextField(_("Nội dung đã quyết định"), blank=True, validators=[MaxLengthValidator(4000)])
    congress = models.ForeignKey(
        Congress, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    term = models.ForeignKey(Term, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+")

    class Meta:
        verbose_name = _("chi tiết đại hội")
        verbose_name_plural = _("chi tiết đại hội")


#: The page asks for what is known before the meeting first, and for its results when it was held.
GROUPS = (
    FieldGroup("", ("congress_kind", "planned_on", "notice_on", "official_members")),
    FieldGroup(
        _("Năm tài chính"),
        ("fiscal_year",),
        when="congress_kind",
        values=(CongressKind.ANNUAL, CongressKind.TERM, CongressKind.DELEGATES),
    ),
    FieldGroup(
        _("Yêu cầu họp bất thường"), ("request_on",), when="congress_kind", values=(CongressKind.EXTRAORDINARY,)
    ),
    FieldGroup(
        _("Đại biểu"),
        ("delegates_invited",),
        when="congress_kind",
        values=(CongressKind.DELEGATES, CongressKind.TERM, CongressKind.ANNUAL),
    ),
    FieldGroup(_("Triệu tập lại"), ("call_no", "previous_call_on"), later=True),
    FieldGroup(_("Kết quả họp"), ("held_on", "present", "votes_for", "resolution_no", "decisions"), later=True),
    FieldGroup(_("Nhiệm kỳ mới"), ("term_from", "term_years", "chair"), when="congress_kind", values=ELECTING),
    FieldGroup(
        _("Đại hội đã quyết định"),
        (
            "changes_charter",
            "changes_representative",
            "changes_name_or_address",
            "changes_capital",
            "changes_lines",
            "changes_tax_info",
        ),
        later=True,
    ),
)


def days_out_of_order(row: TermCongressDetails, today: date) -> Iterator[tuple[str, Words]]:
    """Yield column and words for each day that cannot be right."""
    for name in ("request_on", "previous_call_on", "planned_on", "notice_on", "held_on", "term_from"):
        day = getattr(row, name)
        if day and not EARLIEST <= day <= _FURTHEST:
            yield name, _("Ngày này quá xa, xin kiểm tra năm.")
    if row.congress_id and row.held_on is None:
        yield "held_on", _("Đại hội này đã ghi vào sổ đăng ký: hãy sửa ngày họp, không bỏ trống.")
    if row.held_on and row.held_on > today:
        yield "held_on", _("Ngày họp không thể ở tương lai.")
    if row.call_no == 1 and row.previous_call_on:
        yield "previous_call_on", _("Triệu tập lần đầu thì không có lần họp trước.")
    meeting = row.held_on or row.planned_on
    for name, words in (
        ("notice_on", _("Giấy mời phải gửi trước ngày họp.")),
        ("previous_call_on", _("Lần họp trước phải trước ngày họp này.")),
    ):
        if meeting and getattr(row, name) and getattr(row, name) >= meeting:
            yield name, words
    if meeting and row.request_on and row.request_on > meeting:
        yield "request_on", _("Yêu cầu họp phải có trước ngày họp.")
    if row.held_on and row.term_from and row.term_from < row.held_on:
        yield "term_from", _("Nhiệm kỳ mới không thể bắt đầu trước ngày họp.")


def too_many(row: TermCongressDetails) -> Iterator[tuple[str, Words]]:
    """Yield column and words for each number of people larger than that of those they are among."""
    people = row.delegates_invited or row.official_members
    if row.delegates_invited and row.official_members is not None and row.delegates_invited > row.official_members:
        yield "delegates_invited", _("Số đại biểu không thể nhiều hơn số thành viên.")
    if people is not None and row.present is not None and row.present > people:
        yield "present", _("Số người dự không thể nhiều hơn số người được triệu tập.")
    if row.present is not None and row.votes_for is not None and row.votes_for > row.present:
        yield "votes_for", _("Số phiếu không thể nhiều hơn số người dự.")

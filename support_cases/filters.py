"""Filters of cases, consultations and referrals: one class each for the list page and the API list."""

from datetime import date

import django_filters as df
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters.widgets import BooleanWidget

from cooperatives.choices import AgencyKind, Kind
from cooperatives.filters import NumberOfRow, Ordering, VietnameseDateFilter, old_district_choices
from cooperatives.models import AdminUnit, Agency, Cooperative
from htx_portal.accounts.models import Role, User
from htx_portal.choice_filter import OneOf
from support_cases.choices import CaseOutcome, Channel, ReferralState, Status
from support_cases.models import Case, Closing, Consultation, ConsultationTopic, Referral
from support_cases.support_types import topic_choices

# What of a case the office keeps to itself.
_OFFICE_ONLY = ("officer", "overdue", "ordering")


def officer_choices():
    """Return ``(id, name)`` of everybody who records or ever recorded, in one query.

    Also people who left and administrators: what they logged is counted, so it must be found.
    """
    logged = Exists(Consultation.objects.filter(officer=OuterRef("pk")).order_by())
    people = User.objects.filter(~Q(role=Role.COOPERATIVE) | logged).order_by("full_name", "username")
    names = people.values_list("pk", "full_name", "username")[:1000]
    return [(pk, full_name or username) for pk, full_name, username in names]


class CaseFilter(df.FilterSet):
    """Filters ``q``, ``topic``, ``status``, ``officer``, ``cooperative``, ``overdue``, ``outcome``, ``opened_from``,
    ``opened_to``; ``ordering`` by opening day, due day or last change.
    """

    q = df.CharFilter(method="search", label=_("Tìm"), help_text=_("Mã hồ sơ, tên việc, tên HTX."))
    topic = OneOf(choices=topic_choices, label=_("Nội dung"))
    status = OneOf(choices=Status.choices, label=_("Trạng thái"))
    officer = OneOf(field_name="officer_id", choices=officer_choices, label=_("Cán bộ phụ trách"))
    cooperative = NumberOfRow(field_name="cooperative_id", label=_("HTX (số)"))
    overdue = df.BooleanFilter(method="only_overdue", widget=BooleanWidget, label=_("Quá hạn"))
    outcome = OneOf(choices=CaseOutcome.choices, label=_("Kết quả hỗ trợ"))
    opened_from = VietnameseDateFilter(field_name="opened_on", lookup_expr="gte", label=_("Mở từ ngày"))
    opened_to = VietnameseDateFilter(field_name="opened_on", lookup_expr="lte", label=_("Mở đến ngày"))
    ordering = Ordering(
        fields=[("opened_on", "opened_on"), ("due_on", "due_on"), ("updated_at", "updated_at")],
        label=_("Sắp xếp"),
        field_labels={"opened_on": _("Ngày mở"), "due_on": _("Hạn xử lý"), "updated_at": _("Mới cập nhật")},
    )

    class Meta:
        model = Case
        fields = []

    def __init__(self, *args, **kwargs):
        """Leave a cooperative's people no way to ask for the office's own due days, which they are not shown."""
        super().__init__(*args, **kwargs)
        if self.request is not None and not self.request.user.may_review:
            for name in _OFFICE_ONLY:
                del self.filters[name]

    def search(self, queryset, name, value: str):
        """Cases that hold every word, accents or not."""
        return queryset.search(value)

    def only_overdue(self, queryset, name, value: bool):
        """Cases past their due day with a running clock, or all the others."""
        today = timezone.localdate()
        if value:
            return queryset.overdue(today)
        return queryset.exclude(pk__in=Case.objects.overdue(today).values("pk"))


class ConsultationFilter(df.FilterSet):
    """Filters ``held_from``, ``held_to``, ``cooperative``, ``topic``, ``channel``, ``officer``; beyond the
    contract ``district`` (old district code), ``commune`` (new commune code), ``unplaced``, ``party`` (kind of
    party), ``kind`` (of cooperative), ``recorded_to`` and ``closing`` (number of a closing), so that every figure of a
    report opens into exactly its entries.
    """

    held_from = VietnameseDateFilter(field_name="held_on", lookup_expr="gte", label=_("Từ ngày"))
    held_to = VietnameseDateFilter(field_name="held_on", lookup_expr="lte", label=_("Đến ngày"))
    cooperative = NumberOfRow(field_name="cooperative_id", label=_("HTX (số)"))
    topic = OneOf(method="about", choices=topic_choices, label=_("Nội dung"))
    channel = OneOf(choices=Channel.choices, label=_("Hình thức"))
    officer = OneOf(field_name="officer_id", choices=officer_choices, label=_("Cán bộ"))
    district = OneOf(method="in_district", choices=old_district_choices, label=_("Địa bàn huyện cũ"))
    commune = df.CharFilter(method="in_new_commune", label=_("Mã xã mới"))
    unplaced = OneOf(
        method="not_placed",
        choices=[("district", _("Chưa rõ huyện cũ")), ("commune", _("Chưa rõ xã mới"))],
        label=_("Địa bàn chưa xác định"),
    )
    party = OneOf(
        method="of_party",
        choices=[("cooperative", _("HTX (tính lượt)")), ("founding_group", _("Nhóm sáng lập"))],
        label=_("Đối tượng"),
    )
    kind = OneOf(field_name="cooperative__kind", choices=Kind.choices, label=_("Loại hình"))
    recorded_to = VietnameseDateFilter(method="known_by", label=_("Ghi đến hết ngày"))
    closing = NumberOfRow(method="known_at_closing", label=_("Như lúc chốt số liệu (số)"))

    class Meta:
        model = Consultation
        fields = []

    def known_by(self, queryset, name, value: date):
        """Entries that stood at the end of a day, also those voided since: what a report of that day counted."""
        return queryset.known_by(value)

    def known_at_closing(self, queryset, name, value):
        """Entries that stood at the moment a period was closed: what its closing counted."""
        closing = Closing.objects.filter(pk=value).first()
        return queryset.known_at(closing.closed_at) if closing else queryset.none()

    def about(self, queryset, name, value: str):
        """Entries about a topic; none is doubled.

        Asked entry by entry, so that the first page of a list costs the same however many entries there are.
        """
        return queryset.filter(Exists(ConsultationTopic.objects.filter(consultation=OuterRef("pk"), topic=value)))

    def in_district(self, queryset, name, value: str):
        """Entries of cooperatives in an old district."""
        return queryset.filter(cooperative__in=Cooperative.objects.in_old_district(value).order_by().values("pk"))

    def in_new_commune(self, queryset, name, value: str):
        """Entries of cooperatives in a new commune."""
        units = AdminUnit.objects.new_communes().filter(code=value.strip())
        return queryset.filter(cooperative__new_commune__in=units.order_by().values("pk"))

    def not_placed(self, queryset, name, value: str):
        """Entries of cooperatives whose old district, or whose new commune, is not known."""
        column = {"district": "old_district", "commune": "new_commune"}[value]
        nowhere = Cooperative.objects.filter(**{f"{column}__isnull": True})
        return queryset.filter(cooperative__in=nowhere.order_by().values("pk"))

    def of_party(self, queryset, name, value: str):
        """Entries that count as lượt, or those of founding groups."""
        return queryset.counted() if value == "cooperative" else queryset.of_founding_groups()


class ListedConsultationFilter(ConsultationFilter):
    """The same filters for a list people read: voided entries are left out, unless ``recorded_to`` asks for
    what stood on a past day.
    """

    def filter_queryset(self, queryset):
        """Return the rows all filters leave."""
        rows = super().filter_queryset(queryset)
        past = self.form.cleaned_data.get("recorded_to") or self.form.cleaned_data.get("closing")
        return rows if past else rows.standing()


def asked_agencies():
    """Return ``(id, name)`` of the agencies that were ever asked, in one query."""
    asked = Agency.objects.filter(Exists(Referral.objects.filter(agency=OuterRef("pk")).order_by()))
    return [(agency.pk, agency.name) for agency in asked.order_by("name_vi", "pk")[:1000]]


class ReferralFilter(df.FilterSet):
    """Filters ``q``, ``state``, ``agency``, ``agency_kind``, ``officer``; ``ordering`` by the day an answer
    is due, which is the order of days left, or by the day of the letter.

    State ``open`` is everything still owed an answer, ``late`` all of it that is past its day, escalated or not.
    """

    q = df.CharFilter(method="search", label=_("Tìm"), help_text=_("Mã hồ sơ, tên HTX, tên cơ quan."))
    state = OneOf(
        method="in_state", choices=[("open", _("Chưa trả lời")), *ReferralState.choices], label=_("Trạng thái")
    )
    agency = OneOf(field_name="agency_id", choices=asked_agencies, label=_("Cơ quan phối hợp"))
    agency_kind = OneOf(field_name="agency__kind", choices=AgencyKind.choices, label=_("Loại cơ quan"))
    officer = OneOf(field_name="case__officer_id", choices=officer_choices, label=_("Cán bộ phụ trách"))
    ordering = Ordering(
        fields=[("expected_on", "expected_on"), ("sent_on", "sent_on")],
        label=_("Sắp xếp"),
        field_labels={"expected_on": _("Hẹn trả lời"), "sent_on": _("Ngày gửi")},
    )

    class Meta:
        model = Referral
        fields = []

    def search(self, queryset, name, value: str):
        """Referrals whose case or whose agency holds every word, accents or not."""
        cases = Case.objects.search(value).order_by().values("pk")
        return queryset.filter(Q(case__in=cases) | Q(agency__in=Agency.objects.search(value).order_by().values("pk")))

    def in_state(self, queryset, name, value: str):
        """Referrals that stand there today."""
        return queryset.in_state(value, timezone.localdate())

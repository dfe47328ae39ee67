"""Filters of cases, consultations and referrals: one class each for the list page and the API list."""

from datetime import date, datetime
from functools import cached_property

import django_filters as df
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cooperatives.choices import AgencyKind, Kind
from cooperatives.filters import NumberOfRow, Ordering, VietnameseDateFilter, old_district_choices
from cooperatives.models import AdminUnit, Agency, known_with
from htx_portal.accounts.models import Role, User
from htx_portal.choice_filter import OneOf, YesOrNo
from support_cases.choices import CaseOutcome, Channel, ReferralState, Status
from support_cases.models import Case, Closing, Consultation, ConsultationTopic, Referral
from support_cases.models.consultation import end_of
from support_cases.support_types import topic_choices

#: Filters that ask for what stood at a past moment.
OF_THE_PAST = ("recorded_to", "closing")
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
    overdue = YesOrNo(method="only_overdue", label=_("Quá hạn"))
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
    contract ``district`` and ``old_commune`` (old codes), ``commune`` (new commune code), ``unplaced``, ``party``
    (kind of party), ``kind`` (of cooperative), ``recorded_to`` and ``closing`` (number of a closing), so that every
    figure of a report opens into exactly its entries.

    Where a cooperative lies and of which kind it is, is what was known at the end of ``recorded_to`` or at the
    ``closing``; else just before ``moment``, of which None means now.
    """

    held_from = VietnameseDateFilter(field_name="held_on", lookup_expr="gte", label=_("Từ ngày"))
    held_to = VietnameseDateFilter(field_name="held_on", lookup_expr="lte", label=_("Đến ngày"))
    cooperative = NumberOfRow(field_name="cooperative_id", label=_("HTX (số)"))
    topic = OneOf(method="about", choices=topic_choices, label=_("Nội dung"))
    channel = OneOf(choices=Channel.choices, label=_("Hình thức"))
    officer = OneOf(field_name="officer_id", choices=officer_choices, label=_("Cán bộ"))
    district = OneOf(method="in_district", choices=old_district_choices, label=_("Địa bàn huyện cũ"))
    old_commune = df.CharFilter(method="in_old_commune", label=_("Mã xã cũ"))
    commune = df.CharFilter(method="in_new_commune", label=_("Mã xã mới"))
    unplaced = OneOf(
        method="not_placed",
        choices=[
            ("district", _("Chưa rõ huyện cũ")),
            ("old_commune", _("Chưa rõ xã cũ")),
            ("commune", _("Chưa rõ xã mới")),
            ("topic", _("Chưa ghi nội dung")),
        ],
        label=_("Chưa xác định"),
    )
    party = OneOf(
        method="of_party",
        choices=[("cooperative", _("HTX (tính lượt)")), ("founding_group", _("Nhóm sáng lập"))],
        label=_("Đối tượng"),
    )
    kind = OneOf(method="of_kind", choices=Kind.choices, label=_("Loại hình"))
    recorded_to = VietnameseDateFilter(method="known_by", label=_("Ghi đến hết ngày"))
    closing = NumberOfRow(method="known_at_closing", label=_("Như lúc chốt số liệu (số)"))

    class Meta:
        model = Consultation
        fields = []

    def __init__(self, *args, moment: datetime | None = None, **kwargs):
        """Take the moment of the report whose figure is opened, for a list that is narrowed to it already."""
        super().__init__(*args, **kwargs)
        self._moment = moment

    @cached_property
    def moment(self) -> datetime | None:
        """Just before which moment the register is asked about the cooperatives."""
        if self.asked_closing:
            return self.asked_closing.closed_at
        day = self.form.cleaned_data.get("recorded_to")
        return end_of(day) if day else self._moment

    @cached_property
    def asked_closing(self) -> Closing | None:
        """The closing asked for, None also where there is none of that number."""
        rows = Closing.objects.filter(pk=self.form.cleaned_data.get("closing"))
        return rows.only("closed_at", "calendar", "first", "last").first()

    def known_by(self, queryset, name, value: date):
        """Entries that stood at the end of a day, also those voided since: what a report of that day counted."""
        return queryset.known_by(value)

    def known_at_closing(self, queryset, name, value):
        """Entries that stood at the moment a period was closed: what its closing counted."""
        return queryset.known_at(self.asked_closing.closed_at) if self.asked_closing else queryset.none()

    def about(self, queryset, name, value: str):
        """Entries about a topic; none is doubled.

        Asked entry by entry, so that the first page of a list costs the same however many entries there are.
        """
        return queryset.filter(Exists(ConsultationTopic.objects.filter(consultation=OuterRef("pk"), topic=value)))

    def in_district(self, queryset, name, value: str):
        """Entries of cooperatives in an old district."""
        return self._placed(queryset, "old_district", AdminUnit.objects.old_districts(), value)

    def in_old_commune(self, queryset, name, value: str):
        """Entries of cooperatives in an old commune."""
        return self._placed(queryset, "old_commune", AdminUnit.objects.old_communes(), value)

    def in_new_commune(self, queryset, name, value: str):
        """Entries of cooperatives in a new commune."""
        return self._placed(queryset, "new_commune", AdminUnit.objects.new_communes(), value)

    def _placed(self, queryset, fact: str, units, code: str):
        found = units.filter(code=code.strip()).order_by().values("pk")
        return queryset.filter(cooperative__in=known_with(fact, self.moment, found))

    def not_placed(self, queryset, name, value: str):
        """Entries of cooperatives of which a place is not known, or entries without a topic."""
        if value == "topic":
            return queryset.filter(~Exists(ConsultationTopic.objects.filter(consultation=OuterRef("pk"))))
        fact = {"district": "old_district", "old_commune": "old_commune", "commune": "new_commune"}[value]
        return queryset.filter(cooperative__in=known_with(fact, self.moment, None))

    def of_kind(self, queryset, name, value: str):
        """Entries of cooperatives of one kind."""
        return queryset.filter(cooperative__in=known_with("kind", self.moment, [value]))

    def of_party(self, queryset, name, value: str):
        """Entries that count as lượt, or those of founding groups."""
        return queryset.counted() if value == "cooperative" else queryset.of_founding_groups()


class ListedConsultationFilter(ConsultationFilter):
    """The same filters for a list people read: voided entries are left out, unless one of :data:`OF_THE_PAST` asks
    for what stood then.
    """

    def filter_queryset(self, queryset):
        """Return the rows all filters leave."""
        rows = super().filter_queryset(queryset)
        return rows if any(self.form.cleaned_data.get(name) for name in OF_THE_PAST) else rows.standing()


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

"""Filters of the human-resource support: one class for the list page and the API list."""

import django_filters as df
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cooperatives.choices import Degree, Job
from cooperatives.filters import NumberOfRow, Ordering, old_district_choices
from cooperatives.models import Placement
from cooperatives.text import search_terms
from cooperatives.workforce.months import tallies
from cooperatives.workforce.rules import SupportRules
from htx_portal.choice_filter import OneOf

RUNNING, ENDED, TO_COME = "running", "ended", "to_come"


class PlacementFilter(df.FilterSet):
    """Filters ``q``, ``district``, ``cooperative``, ``job``, ``degree``, ``state``, ``missing``; ``ordering``."""

    q = df.CharFilter(method="search", label=_("Tìm"), help_text=_("Tên HTX, ký hiệu lao động, số hợp đồng."))
    district = OneOf(
        field_name="cooperative__old_district__code", choices=old_district_choices, label=_("Địa bàn huyện cũ")
    )
    cooperative = NumberOfRow(field_name="cooperative_id", label=_("HTX (số)"))
    job = OneOf(choices=Job.choices, label=_("Công việc"))
    degree = OneOf(choices=Degree.choices, label=_("Trình độ"))
    state = OneOf(
        method="in_state",
        choices=[(RUNNING, _("Đang làm")), (ENDED, _("Đã kết thúc")), (TO_COME, _("Chưa bắt đầu"))],
        label=_("Tình trạng"),
    )
    missing = OneOf(method="with_missing", choices=[("1", _("Thiếu xác nhận tháng"))], label=_("Xác nhận"))
    ordering = Ordering(
        fields=[("started_on", "started_on"), ("ends_on", "ends_on"), ("cooperative__sort_key", "cooperative")],
        label=_("Sắp xếp"),
        field_labels={
            "started_on": _("Ngày bắt đầu"),
            "ends_on": _("Ngày kết thúc"),
            "cooperative__sort_key": _("HTX"),
        },
    )

    class Meta:
        model = Placement
        fields = []

    def search(self, queryset, name, value: str):
        """Rows whose cooperative holds every word, or whose label or contract number holds what was typed."""
        found = Q()
        for term in search_terms(value):
            found &= Q(cooperative__search_key__contains=term)
        return queryset.filter(found | Q(person_label__icontains=value[:60]) | Q(contract_no__icontains=value[:60]))

    def in_state(self, queryset, name, value: str):
        """Rows that run today, are over, or are still to come."""
        today = timezone.localdate()
        if value == RUNNING:
            return queryset.running_on(today)
        if value == TO_COME:
            return queryset.filter(started_on__gt=today)
        return queryset.filter(Q(ends_on__lt=today) | Q(left_on__lt=today))

    def with_missing(self, queryset, name, value: str):
        """Rows with a month that has ended and is not confirmed; months are counted row by row, not in SQL."""
        today = timezone.localdate()
        begun = list(queryset.filter(started_on__lt=today))
        counted = tallies(begun, SupportRules.load())
        return queryset.filter(pk__in=[one.pk for one in begun if counted[one.pk].missing(today)])

"""Filters of OCOP products: one class for the list page and the API list."""

from datetime import timedelta

import django_filters as df
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cooperatives.filters import Ordering, VietnameseDateFilter, old_district_choices
from cooperatives.models import OcopProduct
from cooperatives.ocop_choices import OcopGroup
from cooperatives.text import search_terms
from htx_portal.choice_filter import OneOf

#: Days ahead by which a certificate may be asked for; those of the reminders to be rated again.
WINDOWS = (30, 60, 90, 180)
_LAPSED, _NEVER, _VALID = "lapsed", "never", "valid"


def window_choices():
    """Return code and words of the spans of time in which a certificate ends."""
    ahead = [(str(days), _("Hết hạn trong %(days)s ngày tới") % {"days": days}) for days in WINDOWS]
    return [(_VALID, _("Còn hạn")), *ahead, (_LAPSED, _("Đã hết hạn")), (_NEVER, _("Chưa phân hạng"))]


class LastNulls(Ordering):
    """An order in which rows without a value come last, whichever way it goes."""

    def filter(self, qs, value):
        """Return the rows in the order asked for, those that tie in the order they were entered."""
        names = [self.get_ordering_value(choice) for choice in value or () if choice]
        return qs.order_by(*map(_last_nulls, names), "pk") if names else qs


def _last_nulls(name: str):
    column = F(name.removeprefix("-"))
    return column.desc(nulls_last=True) if name.startswith("-") else column.asc(nulls_last=True)


class OcopProductFilter(df.FilterSet):
    """Filters ``q``, ``stars`` (of the last decision), ``group``, ``lapse`` (``valid``, 30, 60, 90, 180 days ahead,
    ``lapsed``, ``never``), ``lapse_from``, ``lapse_to``, ``district`` (old district code), ``cooperative``;
    ``ordering`` by name, cooperative, stars or lapse day. The rows bear the annotations of ``with_current_rating``.
    """

    q = df.CharFilter(method="search", label=_("Tìm"), help_text=_("Tên sản phẩm, tên HTX, mã trên phần mềm OCOP."))
    stars = OneOf(method="with_stars", choices=[(n, f"{n} ★") for n in (5, 4, 3, 2, 1)], label=_("Số sao"))
    group = OneOf(choices=OcopGroup.choices, label=_("Nhóm sản phẩm"))
    lapse = OneOf(method="in_window", choices=window_choices, label=_("Giấy chứng nhận"))
    lapse_from = VietnameseDateFilter(field_name="valid_until", lookup_expr="gte", label=_("Hết hạn từ ngày"))
    lapse_to = VietnameseDateFilter(field_name="valid_until", lookup_expr="lte", label=_("Hết hạn đến ngày"))
    district = OneOf(
        field_name="cooperative__old_district__code", choices=old_district_choices, label=_("Địa bàn huyện cũ")
    )
    cooperative = df.NumberFilter(
        field_name="cooperative_id", min_value=1, max_value=2**63 - 1, decimal_places=0, label=_("HTX (số)")
    )
    ordering = LastNulls(
        fields=[
            ("sort_key", "name"),
            ("cooperative__sort_key", "cooperative"),
            ("stars", "stars"),
            ("valid_until", "valid_until"),
        ],
        label=_("Sắp xếp"),
        field_labels={
            "sort_key": _("Tên sản phẩm"),
            "cooperative__sort_key": _("Tên HTX"),
            "stars": _("Số sao"),
            "valid_until": _("Ngày hết hạn"),
        },
    )

    class Meta:
        model = OcopProduct
        fields = []

    def search(self, queryset, name, value: str):
        """Products that hold every word in their own or their cooperative's key, accents or not."""
        for term in search_terms(value):
            queryset = queryset.filter(Q(search_key__contains=term) | Q(cooperative__search_key__contains=term))
        return queryset

    def with_stars(self, queryset, name, value: str):
        """Products whose last decision gave so many stars."""
        return queryset.filter(stars=value)

    def in_window(self, queryset, name, value: str):
        """Products whose certificate stands as asked for, seen from today."""
        today = timezone.localdate()
        if value == _NEVER:
            return queryset.filter(valid_until__isnull=True)
        if value == _LAPSED:
            return queryset.filter(valid_until__lt=today)
        if value == _VALID:
            return queryset.filter(valid_until__gte=today)
        return queryset.filter(valid_until__range=(today, today + timedelta(days=int(value))))

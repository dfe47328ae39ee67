"""Filters of the register: one class for the list page and the API list."""

from datetime import date
from functools import lru_cache

import django_filters as df
from django.db.models import F
from django.forms import DateField, TextInput
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cooperatives.choices import AgencyKind, Kind, LegalStatus, UnitKind
from cooperatives.models import (
    AdminUnit,
    Agency,
    BusinessLine,
    Cooperative,
    OcopRating,
    Term,
    VsicLine,
    VsicVersion,
)
from cooperatives.text import sort_key
from htx_portal.choice_filter import OneOf


class DayInput(TextInput):
    """A text input that shows a day as people write it, also one that came in a link as 2023-09-05."""

    def format_value(self, value):
        """Return the day as 05/09/2023, and what is no day as it was typed."""
        try:
            return f"{date.fromisoformat(value or ''):%d/%m/%Y}"
        except (TypeError, ValueError):
            return super().format_value(value)


class VietnameseDateFilter(df.DateFilter):
    """A day typed as 05/09/2023 (or ISO, as the API does)."""

    field_class = DateField

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("widget", DayInput(attrs={"inputmode": "numeric", "placeholder": _("ngày/tháng/năm")}))
        super().__init__(*args, **kwargs)


class NumberOfRow(df.NumberFilter):
    """A primary key: a whole number the database can hold."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, min_value=1, max_value=2**63 - 1, decimal_places=0, **kwargs)


class Ordering(df.OrderingFilter):
    """Orders by any of ``fields``, both ways; each needs its words in ``field_labels``.

    The library would put the words for "descending" together once, in the language the server starts in, and leave
    it to the database on which end the rows without a value stand.
    """

    def build_choices(self, fields, labels):
        """Return ``(value, words)`` for each field and its reverse."""
        backwards = {f"-{value}": format_lazy("{} {}", labels[name], _("(giảm dần)")) for name, value in fields.items()}
        return super().build_choices(fields, labels | backwards)

    def filter(self, qs, value):
        """Return the rows in the order asked for, those without a value last both ways, as in every database."""
        rows = super().filter(qs, value)
        return rows.order_by(*(_unknown_last(rows, one) for one in rows.query.order_by)) if value else rows


def _unknown_last(rows, order: str):
    """Return an order by a field or by what was annotated; as it is where no row is without, for the index's sake."""
    name = order.removeprefix("-")
    if name not in rows.query.annotations and ("__" in name or not rows.model._meta.get_field(name).null):
        return order
    return F(name).desc(nulls_last=True) if order.startswith("-") else F(name).asc(nulls_last=True)


def old_district_choices():
    """Return ``(code, name)`` of the old districts, in one query."""
    units = AdminUnit.objects.old_districts().values_list("code", "kind", "name")[:1000]
    return _in_order(tuple(units), get_language())


@lru_cache(maxsize=8)
def _in_order(units: tuple[tuple[str, str, str], ...], language: str) -> list[tuple[str, str]]:
    """Return ``(code, name with its kind)`` of units by name; sorted once for the same units and language."""
    kinds = {kind.value: str(kind.label) for kind in UnitKind}
    ordered = sorted(units, key=lambda unit: sort_key(unit[2]))
    return [(code, f"{kinds[kind]} {name}") for code, kind, name in ordered]


class CooperativeFilter(df.FilterSet):
    """Filters ``q``, ``kind``, ``status``, ``district``, ``commune``, ``business_line``, ``ocop_stars``,
    ``congress_due_before``; ``ordering`` by name, day of registration or last change.
    """

    q = df.CharFilter(
        method="search",
        label=_("Tìm"),
        help_text=_("Tên, mã số thuế, điện thoại, người đại diện, xã cũ hoặc mới."),
    )
    kind = OneOf(choices=Kind.choices, label=_("Loại hình"))
    status = OneOf(field_name="legal_status", choices=LegalStatus.choices, label=_("Tình trạng pháp lý"))
    district = OneOf(field_name="old_district__code", choices=old_district_choices, label=_("Địa bàn huyện cũ"))
    commune = df.CharFilter(method="in_commune", label=_("Mã xã (cũ hoặc mới)"))
    business_line = df.CharFilter(method="with_line", label=_("Mã ngành nghề"))
    ocop_stars = OneOf(method="with_stars", choices=[(n, f"{n} ★") for n in (3, 4, 5)], label=_("Sao OCOP còn hạn"))
    congress_due_before = VietnameseDateFilter(method="due_before", label=_("Nhiệm kỳ hết trước ngày"))
    ordering = Ordering(
        fields=[
            ("sort_key", "name"),
            ("registered_on", "registered_on"),
            ("updated_at", "updated_at"),
            ("id", "id"),
        ],
        label=_("Sắp xếp"),
        field_labels={
            "sort_key": _("Tên"),
            "registered_on": _("Ngày đăng ký"),
            "updated_at": _("Mới sửa"),
            "id": _("Thứ tự nhập"),
        },
    )

    class Meta:
        model = Cooperative
        fields = []

    def search(self, queryset, name, value: str):
        """Rows that hold every word, accents or not."""
        return queryset.search(value)

    def in_commune(self, queryset, name, value: str):
        """Rows in the commune with this code, old or new."""
        return queryset.in_commune(value.strip())

    def with_line(self, queryset, name, value: str):
        """Rows with this business line in force today."""
        lines = BusinessLine.objects.in_force(timezone.localdate()).filter(line__code=value.strip())
        return queryset.filter(pk__in=lines.values("cooperative"))

    def with_stars(self, queryset, name, value: int):
        """Rows with a product whose valid rating has this many stars."""
        ratings = OcopRating.objects.valid_on(timezone.localdate()).filter(stars=value)
        return queryset.filter(pk__in=ratings.values("product__cooperative"))

    def due_before(self, queryset, name, value: date):
        """Rows whose latest term ends on or before this day."""
        return queryset.filter(pk__in=Term.objects.ending_by(value).values("cooperative"))


class AgencyFilter(df.FilterSet):
    """Filters ``on`` (a day the agency worked on), ``kind``, ``unit`` (code of its area) and ``q``."""

    q = df.CharFilter(method="search", label=_("Tìm"))
    on = VietnameseDateFilter(method="working_on", label=_("Ngày"))
    kind = OneOf(choices=AgencyKind.choices, label=_("Loại cơ quan"))
    unit = df.CharFilter(field_name="unit__code", label=_("Mã địa bàn"))

    class Meta:
        model = Agency
        fields = []

    def search(self, queryset, name, value: str):
        """Rows that hold every word, accents or not."""
        return queryset.search(value)

    def working_on(self, queryset, name, value: date):
        """Rows that were there on this day."""
        return queryset.in_force(value)


class VsicFilter(df.FilterSet):
    """Filters ``q`` (code or words, accents or not) and ``version``."""

    q = df.CharFilter(method="search", label=_("Tìm"))
    version = OneOf(choices=VsicVersion.choices, label=_("Phiên bản"))

    class Meta:
        model = VsicLine
        fields = []

    def search(self, queryset, name, value: str):
        """Lines that hold every word."""
        return queryset.search(value)


class BusinessLineFilter(df.FilterSet):
    """Filter ``on``: the day on which the lines were in force."""

    on = VietnameseDateFilter(method="in_force", label=_("Có hiệu lực ngày"))

    class Meta:
        model = BusinessLine
        fields = []

    def in_force(self, queryset, name, value: date):
        """Lines in force on this day."""
        return queryset.in_force(value)

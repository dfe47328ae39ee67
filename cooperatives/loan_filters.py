"""Filters of loans: one class for the list page and the API list, one for the sums."""

import django_filters as df
from django.db.models import Max, Min
from django.utils.translation import gettext_lazy as _

from cooperatives.choices import Lender, LoanResult, RefusalReason
from cooperatives.filters import Ordering, old_district_choices
from cooperatives.models import Cooperative, Disbursement, Loan
from htx_portal.choice_filter import OneOf


def loan_years() -> list[tuple[str, str]]:
    """Return the years in which loans were submitted or paid, latest first, as choices; two queries."""
    asked = Loan.objects.aggregate(first=Min("submitted_on"), last=Max("submitted_on"))
    paid = Disbursement.objects.standing().aggregate(first=Min("paid_on"), last=Max("paid_on"))
    days = [day for day in (*asked.values(), *paid.values()) if day]
    if not days:
        return []
    years = range(max(days).year, min(days).year - 1, -1)
    return [(str(year), str(year)) for year in years]


class LoanSumFilter(df.FilterSet):
    """What narrows the sums of loans: ``lender``, ``district``, and ``year``, which the sums themselves understand."""

    year = OneOf(method="any_year", choices=loan_years, label=_("Năm"))
    lender = OneOf(choices=Lender.choices, label=_("Nơi cho vay"))
    district = OneOf(
        field_name="cooperative__old_district__code", choices=old_district_choices, label=_("Địa bàn huyện cũ")
    )

    class Meta:
        model = Loan
        fields = []

    def any_year(self, queryset, name, value: str):
        """All rows: asked for and paid out, a loan may stand in different years."""
        return queryset


class LoanFilter(LoanSumFilter):
    """Filters ``q``, ``lender``, ``result``, ``year`` (of submission), ``paid_year``, ``district``, ``reason``;
    ``ordering`` by day, amounts or name of the cooperative.
    """

    q = df.CharFilter(method="search", label=_("Tìm HTX"))
    year = OneOf(method="submitted_in", choices=loan_years, label=_("Năm nộp"))
    paid_year = OneOf(method="paid_in", choices=loan_years, label=_("Năm giải ngân"))
    result = OneOf(choices=LoanResult.choices, label=_("Kết quả"))
    reason = OneOf(method="refused_for", choices=RefusalReason.choices, label=_("Lý do từ chối"))
    ordering = Ordering(
        fields=[
            ("submitted_on", "submitted_on"),
            ("requested", "requested"),
            ("approved", "approved"),
            ("disbursed", "disbursed"),
            ("cooperative__sort_key", "name"),
        ],
        label=_("Sắp xếp"),
        field_labels={
            "submitted_on": _("Ngày nộp"),
            "requested": _("Số đề nghị"),
            "approved": _("Số được duyệt"),
            "disbursed": _("Số đã giải ngân"),
            "cooperative__sort_key": _("Tên HTX"),
        },
    )

    def search(self, queryset, name, value: str):
        """Loans of cooperatives that hold every word, accents or not."""
        return queryset.filter(cooperative__in=Cooperative.objects.search(value).order_by().values("pk"))

    def submitted_in(self, queryset, name, value: str):
        """Loans asked for in a year."""
        return queryset.filter(submitted_on__year=int(value))

    def paid_in(self, queryset, name, value: str):
        """Loans of which something was paid out in a year."""
        return queryset.paid_in(int(value))

    def refused_for(self, queryset, name, value: str):
        """Loans refused for a reason, the main one or a further one."""
        return queryset.refused_for(value)

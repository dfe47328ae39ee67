"""Pages of the tax calendar: of one cooperative, and what is coming in the whole register."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from cooperatives.access import cooperatives_for
from cooperatives.errors import InvalidEntry
from cooperatives.form_fields import DayField, field_for
from cooperatives.models import TaxProfile
from cooperatives.tax_calendar import coming_days, record_profile, span_of, tax_calendar
from htx_portal.accounts.decorators import reviewer_required, worker_required

_COMING = timedelta(days=60)
_PROFILE = ("vat_filing", "employs_people", "agriculture")


class SpanForm(forms.Form):
    """From when to when a calendar is asked for; a year from today by itself, two years at most."""

    tu = DayField(label=gettext_lazy("Từ ngày"), required=False)
    den = DayField(label=gettext_lazy("Đến ngày"), required=False)

    def clean(self):
        """Fill in what was left out, and show beside its field what cannot be shown."""
        data = super().clean()
        if self.errors:
            return data
        try:
            first, last = span_of(data.get("tu"), data.get("den"), timezone.localdate())
        except InvalidEntry as refusal:
            for name, problems in refusal.problems.items():
                self.add_error({"first": "tu", "last": "den"}[name], problems)
            return data
        return data | {"tu": first, "den": last}


class ProfileForm(forms.ModelForm):
    """How a cooperative files; what is not known stays open."""

    class Meta:
        model = TaxProfile
        fields = _PROFILE

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in _PROFILE:
            self.fields[name] = field_for(TaxProfile._meta.get_field(name))


@require_safe
def calendar(request, pk):
    """The tax days of one cooperative, each with its basis; nothing of what is to be paid."""
    cooperative = get_object_or_404(cooperatives_for(request.user), pk=pk)
    today = timezone.localdate()
    asked = {name: request.GET[name] for name in ("tu", "den") if request.GET.get(name)}
    form = SpanForm(asked)
    span = form.cleaned_data if form.is_valid() else None
    days = tax_calendar(cooperative, span["tu"], span["den"]) if span else []
    context = {
        "cooperative": cooperative,
        "form": form,
        "today": today,
        "span": span,
        "days": [(due, due.days_left(today)) for due in days],
        "profile": TaxProfile.objects.filter(pk=cooperative.pk).first(),
    }
    return render(request, "cooperatives/tax_calendar.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@worker_required
def profile(request, pk):
    """The form of how a cooperative files, which decides its calendar."""
    cooperative = get_object_or_404(cooperatives_for(request.user), pk=pk)
    row = TaxProfile.objects.filter(pk=cooperative.pk).first()
    form = ProfileForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        record_profile(cooperative, form.cleaned_data, by=request.user)
        messages.success(request, _("Đã lưu thông tin kê khai thuế."))
        return redirect("cooperatives:tax-calendar", cooperative.pk)
    return render(request, "cooperatives/tax_profile.html", {"form": form, "cooperative": cooperative})


@require_safe
@reviewer_required
def coming(request):
    """The tax days of the next two months with how many cooperatives each concerns."""
    today = timezone.localdate()
    days = [(due, due.days_left(today), number) for due, number in coming_days(today, today + _COMING)]
    return render(request, "cooperatives/tax_coming.html", {"days": days, "today": today, "last": today + _COMING})

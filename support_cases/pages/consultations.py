"""Consultations: the list with its filters, one entry, and closing its follow-up."""

from functools import partial

from django.contrib import messages
from django.db.models import F
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render, resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from htx_portal.accounts.decorators import worker_required
from htx_portal.choice_filter import share_choices
from htx_portal.pagination import page_of
from support_cases.access import consultations_for, follow_ups_for
from support_cases.choices import Occasion
from support_cases.consultations import finish_follow_up
from support_cases.filters import OF_THE_PAST, ListedConsultationFilter
from support_cases.forms.consultations import VoidForm
from support_cases.reminders.inbox import mark_seen
from support_cases.reports.behind import topics_in_words
from support_cases.reports.closed_days import closed_day_of
from support_cases.reports.counts import question_of, remembered_count
from support_cases.reports.office import period_of
from support_cases.reports.served import period_name

# Filters that only a link of a report sets; they show in the form when they are set, and not otherwise.
_FROM_LINKS = ("cooperative", "old_commune", "commune", "unplaced", *OF_THE_PAST)
# A cooperative's people choose among their own entries; names of officers and areas are not theirs to list.
_REVIEWERS_ONLY = ("officer", "district", "kind", "party", *_FROM_LINKS)


@require_safe
def consultations(request):
    """Show the entries the person may see, filtered; what a filter cannot read finds nothing and says so."""
    found = filtered(request, consultations_for(request.user))
    rows = found.qs if found.is_valid() else consultations_for(request.user).none()
    page = page_of(_with_what_a_list_prints(rows), request, counter=_counter(rows, request))
    for row in page:
        row.topic_labels = topics_in_words(row.topic_list)
    set_filters = [name for name, value in found.form.data.items() if name in found.form.fields and value]
    past = _closing_asked(found)
    shown = [field for field in found.form if field.name not in _FROM_LINKS or field.data]
    context = {
        "filter": found,
        "fields": [field for field in shown if not past or field.name != "closing"],
        "past": past,
        "set_filters": set_filters,
        "page": page,
        "today": timezone.localdate(),
    }
    return render(request, "support/consultations.html", context)


@require_safe
def consultation(request, pk):
    """Show one entry with its texts, cases and follow-up, and what is usually done next."""
    return entry_page(request, pk)


@require_POST
@worker_required
def follow_up_done(request, pk):
    """Close the follow-up of entry ``pk`` and go back to where the button was."""
    # Asked for by the entry's own key, where a number no row can have is found nowhere instead of overflowing.
    entry = consultations_for(request.user).filter(pk=pk).order_by()
    follow_up = follow_ups_for(request.user).filter(consultation__in=entry).first()
    if follow_up is None:
        get_object_or_404(entry.exclude(voided_at=None), follow_up__isnull=False)
        messages.info(request, _("Lần ghi này đã bị hủy, hẹn không còn phải làm."))
        return HttpResponseRedirect(_back_to(request, resolve_url("support:consultation", pk)))
    if finish_follow_up(follow_up, by=request.user, today=timezone.localdate()):
        messages.success(request, _("Đã ghi nhận là đã làm."))
    else:
        messages.info(request, _("Hẹn này đã được ghi là đã làm từ trước."))
    mark_seen(request.user, timezone.now(), rule=Occasion.FOLLOW_UP_DUE, subject=f"consultation/{pk}")
    return HttpResponseRedirect(_back_to(request, resolve_url("support:consultation", pk)))


def entry_page(request, pk, *, void_form=None, status=200):
    """Return the page of entry ``pk``; ``void_form`` holds why it could not be voided just now."""
    rows = consultations_for(request.user).select_related(
        "cooperative__commune", "founding_group__commune", "officer", "recorded_by", "follow_up__done_by",
        "voided_by", "replaced_by__cooperative", "replaced_by__founding_group",
        "replaces__cooperative", "replaces__founding_group",
    )  # fmt: skip
    row = get_object_or_404(rows.with_topics().prefetch_related("cases"), pk=pk)
    row.topic_labels = topics_in_words(row.topic_list)
    context = {
        "row": row,
        "follow_up": getattr(row, "follow_up", None),
        "replaces": getattr(row, "replaces", None) if request.user.may_review else None,
        "cases": row.cases.all(),
        # What is reported is no matter of a cooperative's own people.
        "closed": closed_day_of(row) if request.user.may_review else None,
        "void_form": void_form or VoidForm(),
        "today": timezone.localdate(),
    }
    return render(request, "support/consultation.html", context, status=status)


def filtered(request, queryset) -> ListedConsultationFilter:
    """Return the filter over ``queryset`` with what the person may choose, its choices read once."""
    found = ListedConsultationFilter(request.GET, queryset=queryset, request=request)
    if not request.user.may_review:
        for name in _REVIEWERS_ONLY:
            found.filters.pop(name, None)
    share_choices(found.form)
    return found


def _closing_asked(found: ListedConsultationFilter) -> dict | None:
    """Return the closing whose knowledge the list shows: its field, period and day; None where none is asked for."""
    if not found.is_valid() or not found.form.cleaned_data.get("closing"):
        return None
    closing = found.asked_closing
    return {
        "field": found.form["closing"],
        "period": period_name(period_of(closing)) if closing else None,
        "closed_at": closing.closed_at if closing else None,
    }


def _with_what_a_list_prints(rows):
    names = ("cooperative__name", "founding_group__name", "officer__full_name", "officer__username")
    columns = ("cooperative", "founding_group", "officer", "held_on", "channel", "outcome", "voided_at")
    return (
        rows.with_topics()
        .select_related("cooperative", "founding_group", "officer")
        .annotate(follow_up_done=F("follow_up__done_on"))
        .only(*columns, *names)
    )


def _counter(rows, request):
    """Return how to count the list: remembered for those who see all entries, counted for a cooperative's."""
    if not request.user.may_review:
        return rows.count
    return partial(remembered_count, rows, question_of(request.GET))


def _back_to(request, otherwise: str) -> str:
    """Return the page named in ``next`` when it is one of ours."""
    wanted = request.POST.get("next", "")
    own = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if wanted and own else otherwise

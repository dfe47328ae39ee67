"""Pages of the training classes, and of how many people each cooperative sent."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cooperatives.access import training_classes_for
from cooperatives.models import TrainingClass, TrainingParticipation
from cooperatives.views.workforce import choose_cooperative, chosen_cooperative, saved
from cooperatives.workforce.training import with_sums
from cooperatives.workforce_forms import ParticipationForm, TrainingForm
from htx_portal.accounts.decorators import reviewer_required, worker_required
from htx_portal.pagination import page_of

_READ_OR_SEND = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@reviewer_required
def classes(request):
    """The classes, the latest first, with how many people came."""
    page = page_of(with_sums(training_classes_for(request.user)), request)
    return render(request, "cooperatives/workforce/classes.html", {"page": page})


@require_safe
@reviewer_required
def training(request, training):
    """One class with the cooperatives that took part."""
    row = get_object_or_404(with_sums(training_classes_for(request.user)), pk=training)
    page = page_of(row.participations.select_related("cooperative"), request)
    return render(request, "cooperatives/workforce/training.html", {"training": row, "page": page})


@_READ_OR_SEND
@worker_required
def training_create(request):
    """The form for a new class."""
    return _training_form(request, TrainingClass())


@_READ_OR_SEND
@worker_required
def training_update(request, training):
    """The form that changes a class."""
    return _training_form(request, get_object_or_404(training_classes_for(request.user), pk=training))


@_READ_OR_SEND
@worker_required
def participation(request, training):
    """The form for the people of one cooperative, once it is chosen; entered again, the figures are replaced."""
    row = get_object_or_404(training_classes_for(request.user), pk=training)
    cooperative = chosen_cooperative(request)
    if cooperative is None:
        return choose_cooperative(request, _("Ghi HTX tham gia lớp"))
    there = row.participations.filter(cooperative=cooperative).first()
    entry = there or TrainingParticipation(training=row, cooperative=cooperative)
    form = ParticipationForm(request.POST or None, instance=entry)
    if saved(request, form):
        messages.success(request, _("Đã ghi số người của %(name)s.") % {"name": cooperative.name})
        return redirect("cooperatives:training", row.pk)
    context = {"form": form, "training": row, "cooperative": cooperative}
    return render(request, "cooperatives/workforce/participation_form.html", context)


def _training_form(request, row: TrainingClass):
    form = TrainingForm(request.POST or None, instance=row)
    if saved(request, form):
        messages.success(request, _("Đã ghi lớp tập huấn."))
        return redirect("cooperatives:training", row.pk)
    return render(request, "cooperatives/workforce/training_form.html", {"form": form, "training": row})

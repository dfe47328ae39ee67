"""Training classes and how many people each cooperative sent: entering and summing up."""

from datetime import date

from django.db import transaction
from django.db.models import Count, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from cooperatives.models import TrainingClass, TrainingParticipation
from cooperatives.text import nfc
from cooperatives.workforce.acts import EARLIEST_DECISION, Problems, field_problems, refuse, save_once


def enter_training(training: TrainingClass, *, today: date) -> TrainingClass:
    """Check and save a new or changed class and return it; a class may be planned a year ahead.

    Raises:
        InvalidEntry: with messages by field; nothing is written.
    """
    for name in ("name", "organiser", "place", "cost_source"):
        setattr(training, name, nfc(getattr(training, name) or ""))
    problems: Problems = {}
    for name in ("started_on", "ended_on"):
        day = getattr(training, name)
        if day and not EARLIEST_DECISION <= day <= date(today.year + 1, 12, 31):
            problems[name] = [_("Ngày này quá xa, xin kiểm tra năm.")]
    refuse(problems | field_problems(training, problems))
    save_once(training, _("Đã có lớp này khai giảng ngày này."))
    return training


def enter_participation(row: TrainingParticipation) -> TrainingParticipation:
    """Write how many people a cooperative sent; entered again for the same class, the figures are replaced.

    Raises:
        InvalidEntry: with messages by field; nothing is written.
    """
    with transaction.atomic():
        list(TrainingClass.objects.select_for_update().filter(pk=row.training_id))
        there = TrainingParticipation.objects.filter(training=row.training, cooperative=row.cooperative).first()
        kept = there or row
        for name in ("participants", "women", "ethnic_minority"):
            setattr(kept, name, getattr(row, name))
        refuse(field_problems(kept, ()))
        kept.save()
    return kept


def with_sums(classes: QuerySet) -> QuerySet:
    """Return classes with ``cooperatives``, ``participants``, ``women`` and ``ethnic_minority`` of all that came."""
    # Rows summed up lose the order of their model.
    return classes.order_by(*TrainingClass._meta.ordering).annotate(
        cooperatives=Count("participations"),
        participants=Sum("participations__participants", default=0),
        women=Sum("participations__women", default=0),
        ethnic_minority=Sum("participations__ethnic_minority", default=0),
    )

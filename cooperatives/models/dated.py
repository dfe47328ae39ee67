"""Rows that are true over a span of time, both ends included."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cooperatives.choices import Confidence


class DatedQuerySet(models.QuerySet):
    """Questions about rows with ``valid_from`` and ``valid_to``."""

    def in_force(self, day: date):
        """Rows in force on ``day``; an open end means still in force."""
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day), valid_from__lte=day)


class EditedRow(models.Model):
    """A row staff may correct; who did so last, and when, is kept."""

    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("Người sửa"),
    )
    edited_at = models.DateTimeField(_("Sửa lúc"), auto_now=True)

    class Meta:
        abstract = True


class LegalText(models.Model):
    """Where a rule is written, and how sure the office is of it."""

    legal_document = models.CharField(_("Văn bản"), max_length=160, blank=True)
    article = models.CharField(_("Điều khoản"), max_length=80, blank=True)
    confidence = models.CharField(_("Mức tin cậy"), max_length=2, choices=Confidence.choices, default=Confidence.UNSURE)
    note = models.CharField(_("Ghi chú"), max_length=300, blank=True)

    class Meta:
        abstract = True


def ends_after_it_starts(name: str) -> models.CheckConstraint:
    """Return the constraint that ``valid_to`` is not before ``valid_from``."""
    return models.CheckConstraint(
        condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
        name=name,
        violation_error_message=_("Ngày hết hiệu lực phải sau ngày có hiệu lực."),
    )

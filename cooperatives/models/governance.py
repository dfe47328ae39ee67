"""Terms of office of a cooperative's board."""

from datetime import date

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from cooperatives.models.cooperative import Cooperative


class TermQuerySet(models.QuerySet):
    """Questions about many terms."""

    def latest(self):
        """The last term of each cooperative, by its start."""
        later = Term.objects.filter(cooperative=OuterRef("cooperative"), started_on__gt=OuterRef("started_on"))
        return self.filter(~Exists(later))

    def ending_by(self, day: date):
        """Latest terms that end on or before ``day``: the next congress is due by then."""
        return self.latest().filter(ends_on__lte=day)


class Term(models.Model):
    """One term of office; the charter sets its length, at most 5 years (Law 17/2023/QH15, Article 56–70)."""

    cooperative = models.ForeignKey(Cooperative, on_delete=models.CASCADE, related_name="terms", verbose_name=_("HTX"))
    started_on = models.DateField(_("Bắt đầu"))
    ends_on = models.DateField(_("Kết thúc"))
    chair = models.CharField(_("Chủ tịch HĐQT / Giám đốc"), max_length=120, blank=True)
    note = models.CharField(_("Ghi chú"), max_length=200, blank=True)

    objects = TermQuerySet.as_manager()

    class Meta:
        verbose_name = _("nhiệm kỳ")
        verbose_name_plural = _("nhiệm kỳ")
        ordering = ["cooperative", "-started_on"]
        indexes = [models.Index(fields=["ends_on"], name="term_by_end")]
        constraints = [
            models.UniqueConstraint(
                fields=["cooperative", "started_on"],
                name="cooperatives_one_term_per_start",
                violation_error_message=_("HTX đã có nhiệm kỳ bắt đầu ngày này."),
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("started_on")),
                name="cooperatives_term_ends_after_it_starts",
                violation_error_message=_("Ngày kết thúc phải sau ngày bắt đầu."),
            ),
        ]

    def __str__(self):
        return f"{self.started_on:%d/%m/%Y} – {self.ends_on:%d/%m/%Y}"

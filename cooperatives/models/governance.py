"""Terms of office of a cooperative's bodies, the general meetings held, and the yearly update sent."""

from datetime import date

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from cooperatives.choices import CongressKind, TermBody
from cooperatives.limits import AtMost
from cooperatives.models.choice_words import ChoiceWords
from cooperatives.models.cooperative import Cooperative

MOST_PEOPLE = 1_000_000
#: Meetings that do the work of the yearly one: a term congress hears the reports of the year as well.
YEARLY_MEETINGS = (CongressKind.ANNUAL, CongressKind.TERM, CongressKind.DELEGATES)


class CongressQuerySet(models.QuerySet):
    """Questions about many general meetings."""

    def yearly(self):
        """Meetings that count as the general meeting of a year: of those kinds, and not known to lack a quorum."""
        return self.filter(kind__in=YEARLY_MEETINGS).exclude(quorum_met=False)


class Congress(ChoiceWords):
    """One general meeting that was held, with the figures that decide whether it was valid.

    ``quorum_met`` is empty where the figures are not known. People are counted, not named.
    """

    cooperative = models.ForeignKey(
        Cooperative, on_delete=models.CASCADE, related_name="congresses", verbose_name=_("HTX")
    )
    kind = models.CharField(_("Loại đại hội"), max_length=14, choices=CongressKind.choices)
    call_no = models.PositiveSmallIntegerField(
        _("Triệu tập lần thứ"), default=1, validators=[MinValueValidator(1), MaxValueValidator(3)]
    )
    held_on = models.DateField(_("Ngày họp"))
    official_members = models.PositiveIntegerField(
        _("Số thành viên chính thức"), null=True, blank=True, validators=[AtMost(MOST_PEOPLE)]
    )
    delegates_invited = models.PositiveIntegerField(
        _("Số đại biểu được triệu tập"), null=True, blank=True, validators=[AtMost(MOST_PEOPLE)]
    )
    present = models.PositiveIntegerField(_("Số người dự họp"), null=True, blank=True, validators=[AtMost(MOST_PEOPLE)])
    quorum_met = models.BooleanField(_("Đủ số người dự"), null=True, blank=True)
    decisions = models.TextField(_("Nội dung đã quyết định"), blank=True)
    resolution_no = models.CharField(_("Số nghị quyết, biên bản"), max_length=60, blank=True)

    objects = CongressQuerySet.as_manager()

    class Meta:
        verbose_name = _("đại hội thành viên")
        verbose_name_plural = _("đại hội thành viên")
        ordering = ["cooperative", "-held_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["cooperative", "held_on", "kind"],
                name="cooperatives_one_congress_per_day_and_kind",
                violation_error_message=_("Sổ đã có đại hội loại này của HTX vào ngày này."),
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.held_on:%d/%m/%Y}"


class TermQuerySet(models.QuerySet):
    """Questions about many terms."""

    def latest(self):
        """The last term of each body of each cooperative, by its start."""
        later = Term.objects.filter(
            cooperative=OuterRef("cooperative"), body=OuterRef("body"), started_on__gt=OuterRef("started_on")
        )
        return self.filter(~Exists(later))

    def renewed_between(self, first: date, last: date):
        """Terms of the board that began between the two days, both included, and followed another: the first term of a
        cooperative, elected when it was founded, renews nothing.
        """
        before = Term.objects.filter(cooperative=OuterRef("cooperative"), body=TermBody.BOARD)
        followed = Exists(before.filter(started_on__lt=OuterRef("started_on"))) | Q(elected_by__isnull=False)
        rows = self.filter(followed, body=TermBody.BOARD, started_on__range=(first, last))
        return rows.exclude(elected_by__kind=CongressKind.FOUNDING)

    def lapsing(self, first: date, last: date):
        """Terms of the board whose last day lies between the two days, both included, and that were not cut short."""
        return self.filter(body=TermBody.BOARD, ended_on__isnull=True, ends_on__range=(first, last))

    def not_followed_by(self, day: date):
        """Terms after which none of the same body had begun by ``day``."""
        later = Term.objects.filter(
            cooperative=OuterRef("cooperative"),
            body=OuterRef("body"),
            started_on__gt=OuterRef("started_on"),
            started_on__lte=day,
        )
        return self.filter(~Exists(later))

    def ending_by(self, day: date):
        """Latest terms that end on or before ``day``: the next congress is due by then."""
        return self.latest().filter(ends_on__lte=day)


class Term(ChoiceWords):
    """One term of office; the charter sets its length, at most 5 years (Law 17/2023/QH15, Article 56–70).

    ``ends_on`` is its last day as elected; ``ended_on`` the last day it really had, where a new term began sooner.
    """

    cooperative = models.ForeignKey(Cooperative, on_delete=models.CASCADE, related_name="terms", verbose_name=_("HTX"))
    body = models.CharField(_("Cơ quan"), max_length=8, choices=TermBody.choices, default=TermBody.BOARD)
    started_on = models.DateField(_("Bắt đầu"))
    ends_on = models.DateField(_("Kết thúc"))
    ended_on = models.DateField(_("Kết thúc sớm"), null=True, blank=True)
    years = models.PositiveSmallIntegerField(
        _("Số năm theo điều lệ"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    chair = models.CharField(_("Chủ tịch HĐQT / Giám đốc"), max_length=120, blank=True)
    elected_by = models.ForeignKey(
        Congress,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="terms",
        verbose_name=_("Đại hội đã bầu"),
    )
    note = models.CharField(_("Ghi chú"), max_length=200, blank=True)

    objects = TermQuerySet.as_manager()

    class Meta:
        verbose_name = _("nhiệm kỳ")
        verbose_name_plural = _("nhiệm kỳ")
        ordering = ["cooperative", "-started_on"]
        indexes = [models.Index(fields=["ends_on"], name="term_by_end")]
        constraints = [
            models.UniqueConstraint(
                fields=["cooperative", "body", "started_on"],
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
        return f"{self.started_on:%d/%m/%Y} – {self.last_day:%d/%m/%Y}"

    @property
    def last_day(self) -> date:
        """The last day the term really had, or has by its election."""
        return self.ended_on or self.ends_on


class AnnualUpdate(models.Model):
    """A cooperative's yearly information was sent to the registrar; ``year`` is that of the day it is due by."""

    cooperative = models.ForeignKey(
        Cooperative, on_delete=models.CASCADE, related_name="annual_updates", verbose_name=_("HTX")
    )
    year = models.PositiveSmallIntegerField(_("Năm"))
    filed_on = models.DateField(_("Ngày gửi"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("Người ghi"),
    )

    class Meta:
        verbose_name = _("cập nhật thông tin hằng năm")
        verbose_name_plural = _("cập nhật thông tin hằng năm")
        ordering = ["cooperative", "-year"]
        constraints = [
            models.UniqueConstraint(
                fields=["cooperative", "year"],
                name="cooperatives_one_update_a_year",
                violation_error_message=_("Năm này đã ghi là đã gửi."),
            ),
        ]

    def __str__(self):
        return f"{self.year} – {self.filed_on:%d/%m/%Y}"

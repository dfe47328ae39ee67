"""A consultation: one entry for one cooperative is one lượt. Its topics, and what is counted."""

from datetime import date, datetime, time, timedelta
from functools import cache

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cooperatives.models import Cooperative, FoundingGroup
from cooperatives.models.choice_words import ChoiceWords
from support_cases.choices import Channel, Outcome
from support_cases.models.case import Case
from support_cases.support_types import topic_label


class Joined(models.Aggregate):
    """The values of a group in one text with commas between; both databases can, under two names."""

    function = "GROUP_CONCAT"
    output_field = models.TextField()

    def as_postgresql(self, compiler, connection, **context):
        """Write it as PostgreSQL spells it."""
        return super().as_sql(
            compiler,
            connection,
            function="STRING_AGG",
            template="%(function)s(%(expressions)s, ',')",
            **context,
        )


def end_of(day: date) -> datetime:
    """Return the first moment after ``day``."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def stood_at(moment: datetime | None, via: str = "") -> Q:
    """Return the condition that an entry stood just before ``moment`` (None: now): recorded by then, not yet voided.

    ``via`` leads from the queried row to the entry.
    """
    stood = Q(**{f"{via}voided_at__isnull": True})
    if moment is None:
        return stood
    return (stood | Q(**{f"{via}voided_at__gte": moment})) & Q(**{f"{via}recorded_at__lt": moment})


class ConsultationQuerySet(models.QuerySet):
    """Questions about many consultations."""

    def standing(self):
        """Entries nobody voided: what every list, desk and figure of today is made of."""
        return self.filter(voided_at__isnull=True)

    def known_at(self, moment: datetime | None):
        """Entries that stood just before ``moment``; None means now."""
        return self.filter(stood_at(moment))

    def known_by(self, day: date | None):
        """Entries that stood at the end of ``day``; None means now."""
        return self.known_at(end_of(day) if day else None)

    def late(self, after: datetime, until: datetime | None):
        """Entries recorded from ``after`` on that stand just before ``until`` (None: now)."""
        return self.known_at(until).filter(recorded_at__gte=after)

    def taken_back(self, after: datetime, until: datetime | None):
        """Entries that stood just before ``after`` and were voided since, before ``until`` (None: now)."""
        gone = self.filter(recorded_at__lt=after, voided_at__gte=after)
        return gone if until is None else gone.filter(voided_at__lt=until)

    def counted(self):
        """Entries that are a lượt HTX: those of a cooperative; founding groups are shown apart."""
        return self.filter(cooperative__isnull=False)

    def of_founding_groups(self):
        """Entries of groups that had no cooperative yet, also when one was founded later."""
        return self.filter(founding_group__isnull=False)

    def about(self, topic: str):
        """Entries in which ``topic`` was talked about."""
        return self.filter(topics__topic=topic)

    def with_topics(self):
        """Entries with their topics as text (``topic_list``) and the follow-up day, read in the same query."""
        return self.annotate(topic_list=_topics_joined(), follow_up_day=models.F("follow_up__due_on"))

    def with_lists(self):
        """Entries with their topics and case references as text (``topic_list``, ``case_list``) and the
        follow-up day, read in the same query whatever the number of rows.
        """
        return self.with_topics().annotate(case_list=_references_joined())


@cache
def _topics_joined() -> models.Subquery:
    """Return the topics of an entry as one text; put together once, every list of entries asks for it."""
    return _joined(ConsultationTopic.objects, "topic")


@cache
def _references_joined() -> models.Subquery:
    """Return the references of the cases an entry is linked to as one text."""
    return _joined(Consultation.cases.through.objects, "case__reference")


def _joined(rows, column: str) -> models.Subquery:
    of_entry = rows.filter(consultation=models.OuterRef("pk")).order_by().values("consultation")
    return models.Subquery(of_entry.annotate(joined=Joined(column)).values("joined"))


class Consultation(ChoiceWords):
    """One consultation with one party.

    ``held_on`` is the day it took place, which alone decides in which period it counts; ``recorded_at``
    is the moment it was typed. ``client_id`` is made by the sender, so that a double tap or a repeated
    request records once; ``fingerprint`` tells a repeat from another entry under the same id.

    A wrong entry is never changed or deleted. It is voided at a moment (``voided_at``), by somebody, for a
    reason, and may point to the entry that says it right (``replaced_by``).
    """

    client_id = models.UUIDField(_("Mã lần gửi"), unique=True, editable=False)
    fingerprint = models.CharField(max_length=64, editable=False)
    cooperative = models.ForeignKey(
        Cooperative,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="consultations",
        verbose_name=_("HTX"),
    )
    founding_group = models.ForeignKey(
        FoundingGroup,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="consultations",
        verbose_name=_("Nhóm sáng lập"),
    )
    held_on = models.DateField(_("Ngày tư vấn"))
    recorded_at = models.DateTimeField(_("Ghi lúc"))
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="consultations",
        verbose_name=_("Cán bộ"),
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("Người ghi")
    )
    channel = models.CharField(_("Hình thức"), max_length=10, choices=Channel.choices)
    question = models.TextField(_("Nội dung HTX hỏi"))
    advice = models.TextField(_("Nội dung tư vấn"), blank=True)
    outcome = models.CharField(_("Kết quả"), max_length=16, choices=Outcome.choices)
    cases = models.ManyToManyField(Case, blank=True, related_name="consultations", verbose_name=_("Hồ sơ liên quan"))
    is_demo = models.BooleanField(_("Dữ liệu mẫu"), default=False, editable=False)
    voided_at = models.DateTimeField(_("Hủy lúc"), null=True, blank=True)
    voided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Người hủy"),
    )
    void_reason = models.CharField(_("Lý do hủy"), max_length=200, blank=True)
    replaced_by = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="replaces",
        verbose_name=_("Thay bằng lần ghi"),
    )

    objects = ConsultationQuerySet.as_manager()

    class Meta:
        verbose_name = _("lần tư vấn")
        verbose_name_plural = _("lần tư vấn")
        ordering = ["-held_on", "-pk"]
        indexes = [
            models.Index(fields=["-held_on", "-id"], name="consultation_by_day"),
            models.Index(fields=["cooperative", "-held_on"], name="consultation_by_party"),
            models.Index(fields=["officer", "-held_on"], name="consultation_by_officer"),
            models.Index(fields=["channel", "-held_on"], name="consultation_by_channel"),
            # Whom this person recorded last: the first thing the page of a new entry asks for.
            models.Index(fields=["recorded_by", "-recorded_at"], name="consultation_by_recorder"),
            # What came in or was taken back since a moment: between it and now, figures differ by nothing else.
            models.Index(fields=["recorded_at"], name="consultation_by_recording"),
            models.Index(fields=["voided_at"], condition=Q(voided_at__isnull=False), name="consultation_by_voiding"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(cooperative__isnull=False, founding_group__isnull=True)
                | Q(cooperative__isnull=True, founding_group__isnull=False),
                name="support_consultation_has_one_party",
                violation_error_message=_("Chọn một HTX hoặc một nhóm sáng lập."),
            ),
            models.CheckConstraint(
                condition=~Q(question=""),
                name="support_consultation_has_content",
                violation_error_message=_("Cần ghi nội dung HTX hỏi."),
            ),
            models.CheckConstraint(
                condition=Q(voided_at__isnull=True, voided_by__isnull=True, replaced_by__isnull=True, void_reason="")
                | (Q(voided_at__isnull=False, voided_by__isnull=False) & ~Q(void_reason="")),
                name="support_consultation_void_with_reason",
                violation_error_message=_("Lần ghi bị hủy phải có người hủy và lý do."),
            ),
        ]

    def __str__(self):
        return f"{self.held_on:%d/%m/%Y} {self.party}"

    @property
    def party(self) -> Cooperative | FoundingGroup | None:
        """Whom the consultation was with."""
        return self.cooperative or self.founding_group

    @property
    def is_void(self) -> bool:
        """Whether the entry was taken back and counts no more."""
        return self.voided_at is not None

    def remember_lists(self, topics, cases, follow_up_day) -> None:
        """Set on a row just written what :meth:`ConsultationQuerySet.with_lists` would read of it."""
        self.topic_list = ",".join(topics)
        self.case_list = ",".join(case.reference for case in cases)
        self.follow_up_day = follow_up_day


class ConsultationTopic(models.Model):
    """One topic of one consultation; lượt by topic are counted here and may add up to more than the total."""

    consultation = models.ForeignKey(
        Consultation, on_delete=models.CASCADE, related_name="topics", verbose_name=_("Lần tư vấn")
    )
    topic = models.CharField(_("Nội dung"), max_length=32)

    class Meta:
        verbose_name = _("nội dung tư vấn")
        verbose_name_plural = _("nội dung tư vấn")
        ordering = ["consultation_id", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["consultation", "topic"], name="support_topic_once_per_entry"),
        ]
        indexes = [models.Index(fields=["topic", "consultation"], name="topic_then_consultation")]

    def __str__(self):
        return self.label

    @property
    def label(self) -> str:
        """The topic in the words of staff."""
        return topic_label(self.topic)

"""A question of a case sent to another agency: by when it is owed an answer, and what came of it."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, IntegerField, Q, Value, When
from django.utils.translation import gettext_lazy as _

from cooperatives.models import Agency
from cooperatives.models.choice_words import ChoiceWords
from support_cases.choices import AnswerKind, ReferralState
from support_cases.models.case import Case

_OPEN = Q(answered_on__isnull=True, withdrawn_on__isnull=True)


class ReferralQuerySet(models.QuerySet):
    """Questions about many referrals."""

    def open(self):
        """Referrals that are still owed an answer."""
        return self.filter(_OPEN)

    def late(self, today: date):
        """Open referrals whose day of answer is past, escalated or not."""
        return self.open().filter(expected_on__lt=today)

    def escalated(self):
        """Open referrals the office's leaders were told of."""
        return self.open().filter(escalated_on__isnull=False)

    def in_state(self, state: str, today: date):
        """Referrals in one state, or ``open`` for all that are owed an answer; ``late`` holds the escalated too."""
        if state == ReferralState.WAITING:
            return self.open().filter(expected_on__gte=today, escalated_on__isnull=True)
        if state == ReferralState.ANSWERED:
            return self.filter(answered_on__isnull=False)
        if state == ReferralState.WITHDRAWN:
            return self.filter(withdrawn_on__isnull=False)
        if state == ReferralState.LATE:
            return self.late(today)
        return self.escalated() if state == ReferralState.ESCALATED else self.open()

    def open_first(self):
        """What is still owed an answer first, the longest overdue at the top; what is done after it."""
        done = models.Case(When(_OPEN, then=Value(0)), default=Value(1), output_field=IntegerField())
        return self.order_by(done, "expected_on", "pk")

    def with_rows(self):
        """Referrals together with what every list prints of them."""
        return self.select_related("agency", "case__cooperative", "case__founding_group", "case__officer", "sent_by")


class Referral(ChoiceWords):
    """One question to one agency about one case.

    ``sent_on`` is the day of the letter, ``recorded_at`` the moment it was typed; the agency is the one that bore
    its name on ``sent_on``. ``escalated_on`` is set once, when the office's leaders are told that the answer is
    late. ``version`` grows with every act and lets a stale form be noticed.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="referrals", verbose_name=_("Hồ sơ"))
    agency = models.ForeignKey(
        Agency, on_delete=models.PROTECT, related_name="referrals", verbose_name=_("Cơ quan phối hợp")
    )
    question = models.TextField(_("Nội dung đề nghị"), max_length=4000)
    letter_no = models.CharField(_("Số công văn"), max_length=60, blank=True)
    sent_on = models.DateField(_("Ngày gửi"))
    expected_on = models.DateField(_("Hẹn trả lời"))
    answered_on = models.DateField(_("Ngày trả lời"), null=True, blank=True)
    answer_kind = models.CharField(_("Kết quả trả lời"), max_length=14, choices=AnswerKind.choices, blank=True)
    answer = models.TextField(_("Nội dung trả lời"), max_length=10000, blank=True)
    withdrawn_on = models.DateField(_("Ngày rút lại"), null=True, blank=True)
    withdrawn_reason = models.TextField(_("Lý do rút lại"), max_length=4000, blank=True)
    escalated_on = models.DateField(_("Ngày báo lãnh đạo"), null=True, blank=True)
    escalation_note = models.TextField(_("Nội dung báo lãnh đạo"), max_length=4000, blank=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("Người gửi")
    )
    recorded_at = models.DateTimeField(_("Ghi lúc"))
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ReferralQuerySet.as_manager()

    class Meta:
        verbose_name = _("việc chuyển cơ quan phối hợp")
        verbose_name_plural = _("việc chuyển cơ quan phối hợp")
        ordering = ["-sent_on", "-pk"]
        indexes = [
            models.Index(fields=["expected_on", "id"], condition=_OPEN, name="referral_open_by_day"),
            models.Index(fields=["-sent_on", "-id"], name="referral_by_sending"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_on__isnull=True, answer_kind="")
                | Q(answered_on__isnull=False, withdrawn_on__isnull=True) & ~Q(answer_kind=""),
                name="support_referral_answer_is_whole",
                violation_error_message=_("Trả lời phải có ngày và kết quả."),
            ),
            models.CheckConstraint(
                condition=Q(expected_on__gte=F("sent_on")),
                name="support_referral_expected_after_sent",
                violation_error_message=_("Ngày hẹn trả lời không thể trước ngày gửi."),
            ),
            models.CheckConstraint(
                condition=(Q(answered_on__isnull=True) | Q(answered_on__gte=F("sent_on")))
                & (Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gte=F("sent_on"))),
                name="support_referral_ends_after_sent",
                violation_error_message=_("Ngày trả lời, ngày rút lại không thể trước ngày gửi."),
            ),
        ]

    def __str__(self):
        return f"{self.case_id} → {self.agency_id} {self.sent_on:%d/%m/%Y}"

    @property
    def is_open(self) -> bool:
        """Whether an answer is still owed."""
        return self.answered_on is None and self.withdrawn_on is None

    def days_left(self, today: date) -> int | None:
        """Calendar days until the answer is due, negative when late; None once it came or is not wanted any more."""
        return (self.expected_on - today).days if self.is_open else None

    def is_late(self, today: date) -> bool:
        """Whether the day of answer is past and no answer came."""
        return self.is_open and self.expected_on < today

    def state(self, today: date) -> ReferralState:
        """Where the referral stands on ``today``."""
        if self.withdrawn_on is not None:
            return ReferralState.WITHDRAWN
        if self.answered_on is not None:
            return ReferralState.ANSWERED
        if self.escalated_on is not None:
            return ReferralState.ESCALATED
        return ReferralState.LATE if self.is_late(today) else ReferralState.WAITING

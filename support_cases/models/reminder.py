"""The ledger of reminders: one row for each occasion, recipient and channel; and the messages that carry them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cooperatives.models import Cooperative, FoundingGroup
from cooperatives.models.choice_words import ChoiceWords
from support_cases.choices import UNDER_WAY, Occasion, ReminderChannel, ReminderState
from support_cases.models.case import Case


class ReminderMessage(ChoiceWords):
    """What leaves the house in one piece: the rows of one recipient on one channel that go together.

    ``token`` and ``lease_until`` belong to the worker that holds the message; ``run_at`` is the earliest next
    attempt. ``identity`` is the Message-ID, the same at every attempt. A message that surely did not leave is taken
    apart, so that after an outage its rows go together with what came due since.
    """

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="messages", verbose_name=_("Người nhận")
    )
    channel = models.CharField(_("Kênh"), max_length=8, choices=ReminderChannel.choices)
    identity = models.CharField(_("Message-ID"), max_length=120, unique=True)
    state = models.CharField(_("Trạng thái"), max_length=8, choices=ReminderState.choices, default=ReminderState.DUE)
    reason = models.CharField(_("Lý do"), max_length=200, blank=True)
    may_repeat = models.BooleanField(_("Được gửi lại khi không rõ"), default=False)
    run_at = models.DateTimeField(_("Gửi từ lúc"))
    attempts = models.PositiveSmallIntegerField(_("Số lần thử"), default=0)
    token = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    sent_at = models.DateTimeField(_("Gửi lúc"), null=True, blank=True)
    resent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Người cho gửi lại"),
    )
    resent_at = models.DateTimeField(_("Cho gửi lại lúc"), null=True, blank=True)
    created_at = models.DateTimeField(_("Lập lúc"))

    class Meta:
        verbose_name = _("tin nhắc việc")
        verbose_name_plural = _("tin nhắc việc")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["state", "run_at"], condition=Q(state__in=UNDER_WAY), name="message_to_do"),
            models.Index(fields=["-id"], condition=Q(state__in=("failed", "unknown")), name="message_in_trouble"),
        ]

    def __str__(self):
        return self.identity


class Reminder(ChoiceWords):
    """One thing one person is told by one channel because of one occasion.

    ``subject`` names what it is about in a text that never changes, such as ``consultation/12`` or
    ``cooperative/8/vat-quarter/2026-Q2``; ``anchor_on`` is the day of the occasion itself, ``occurrence_on`` the day
    the rule names around it, ``run_at`` the moment from which the person may be told. ``case``, ``cooperative`` and
    ``founding_group`` say whose it is. ``detail`` is what the sentence needs besides, as a code its source can word.
    The unique constraint makes a second sweep, a second beat or a replayed task harmless. ``instead_of`` is the
    absent person the recipient stands in for. A row that is ``due`` and has no ``message`` waits for one.
    """

    rule = models.CharField(_("Loại nhắc"), max_length=24, choices=Occasion.choices)
    subject = models.CharField(_("Về việc"), max_length=100)
    detail = models.CharField(max_length=200, blank=True, editable=False)
    anchor_on = models.DateField(_("Ngày của việc"))
    occurrence_on = models.DateField(_("Cho ngày"))
    case = models.ForeignKey(
        Case, on_delete=models.CASCADE, null=True, blank=True, related_name="reminders", verbose_name=_("Hồ sơ")
    )
    cooperative = models.ForeignKey(
        Cooperative, on_delete=models.CASCADE, null=True, blank=True, related_name="reminders", verbose_name=_("HTX")
    )
    founding_group = models.ForeignKey(
        FoundingGroup,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="reminders",
        verbose_name=_("Nhóm sáng lập"),
    )
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reminders", verbose_name=_("Người nhận")
    )
    instead_of = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Thay cho"),
    )
    channel = models.CharField(_("Kênh"), max_length=8, choices=ReminderChannel.choices)
    state = models.CharField(_("Trạng thái"), max_length=8, choices=ReminderState.choices, default=ReminderState.DUE)
    reason = models.CharField(_("Lý do"), max_length=200, blank=True)
    run_at = models.DateTimeField(_("Gửi từ lúc"))
    attempts = models.PositiveSmallIntegerField(_("Số lần thử"), default=0)
    message = models.ForeignKey(
        ReminderMessage,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="rows",
        verbose_name=_("Tin"),
    )
    sent_at = models.DateTimeField(_("Gửi lúc"), null=True, blank=True)
    seen_at = models.DateTimeField(_("Xem lúc"), null=True, blank=True)
    created_at = models.DateTimeField(_("Lập lúc"), auto_now_add=True)

    class Meta:
        verbose_name = _("nhắc việc")
        verbose_name_plural = _("nhắc việc")
        ordering = ["-occurrence_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "subject", "occurrence_on", "recipient", "channel"],
                name="support_one_reminder_per_occasion",
            ),
        ]
        indexes = [
            models.Index(
                fields=["recipient", "channel", "run_at"],
                condition=Q(state="due", message__isnull=True),
                name="reminder_to_bundle",
            ),
            models.Index(
                fields=["recipient"], condition=Q(channel="app", seen_at__isnull=True), name="reminder_unread"
            ),
        ]

    def __str__(self):
        return f"{self.rule} {self.occurrence_on:%d/%m/%Y}"

    @property
    def party(self) -> Cooperative | FoundingGroup | None:
        """Whom the reminder is about."""
        return self.cooperative or self.founding_group

    @property
    def subject_id(self) -> int:
        """The number of the row the subject names."""
        return int(self.subject.split("/")[1])

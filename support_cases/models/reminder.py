"""The ledger of reminders: one row for each occasion, recipient and channel, claimed once."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from support_cases.choices import ReminderChannel, ReminderState
from support_cases.models.consultation import FollowUp


class Reminder(models.Model):
    """One message owed to one person about one occasion.

    The unique constraint makes a second sweep, a second beat or a replayed task harmless: the row is there
    or it is not. ``token`` and ``lease_until`` belong to the worker that holds the row; ``run_at`` is the
    earliest next attempt.
    """

    rule = models.CharField(_("Loại nhắc"), max_length=32)
    follow_up = models.ForeignKey(
        FollowUp, on_delete=models.CASCADE, related_name="reminders", verbose_name=_("Hẹn làm việc tiếp")
    )
    occurrence_on = models.DateField(_("Cho ngày"))
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="reminders",
        verbose_name=_("Người nhận"),
    )
    channel = models.CharField(_("Kênh"), max_length=8, choices=ReminderChannel.choices)
    state = models.CharField(_("Trạng thái"), max_length=8, choices=ReminderState.choices, default=ReminderState.DUE)
    reason = models.CharField(_("Lý do"), max_length=200, blank=True)
    run_at = models.DateTimeField(_("Gửi từ lúc"))
    attempts = models.PositiveSmallIntegerField(_("Số lần thử"), default=0)
    token = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    sent_at = models.DateTimeField(_("Gửi lúc"), null=True, blank=True)
    seen_at = models.DateTimeField(_("Xem lúc"), null=True, blank=True)
    created_at = models.DateTimeField(_("Lập lúc"), auto_now_add=True)

    class Meta:
        verbose_name = _("nhắc việc")
        verbose_name_plural = _("nhắc việc")
        ordering = ["-occurrence_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "follow_up", "occurrence_on", "recipient", "channel"],
                name="support_one_reminder_per_occasion",
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "run_at"],
                condition=models.Q(state__in=("due", "claimed", "sending")),
                name="reminder_to_do",
            ),
            models.Index(
                fields=["recipient"],
                condition=models.Q(channel="app", seen_at__isnull=True),
                name="reminder_unread",
            ),
        ]

    def __str__(self):
        return f"{self.rule} {self.occurrence_on:%d/%m/%Y}"

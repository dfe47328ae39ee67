"""Files of reports that take long to write: asked for on a page, written by the worker, fetched by a link."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class FileState(models.TextChoices):
    """How far a file is."""

    WAITING = "waiting", _("Đang chờ")
    RUNNING = "running", _("Đang lập")
    READY = "ready", _("Đã xong")
    FAILED = "failed", _("Không lập được")


class ReportFile(models.Model):
    """One file somebody asked for; only that person fetches it.

    ``asked`` repeats the parameters of the report's address. The row is claimed by a conditional update with a
    lease, so that a worker that dies leaves the file to another; ``content`` is there once it is ready, and the
    row is deleted after a few days.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    report = models.CharField(max_length=24)
    format = models.CharField(max_length=8)
    asked = models.JSONField(default=dict)
    language = models.CharField(max_length=8, default="vi")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="report_files")
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=FileState.choices, default=FileState.WAITING)
    leased_until = models.DateTimeField(null=True, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    name = models.CharField(max_length=120, blank=True)
    content = models.BinaryField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("tệp báo cáo")
        verbose_name_plural = _("tệp báo cáo")
        ordering = ["-asked_at", "pk"]
        indexes = [models.Index(fields=["person", "-asked_at"], name="report_file_by_person")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="ready") | Q(content__isnull=False), name="support_ready_file_has_content"
            ),
        ]

    def __str__(self):
        return f"{self.report}.{self.format} {self.asked_at:%d/%m/%Y %H:%M}"

    @property
    def percent(self) -> int:
        """How much of the work is done, from 0 to 100."""
        return min(100, self.done * 100 // self.total) if self.total else 0

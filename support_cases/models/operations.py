"""What keeps the portal's clockwork honest: signs of life of its processes, and feeds into calendars."""

import secrets

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SignOfLife(models.Model):
    """When a process (``worker``, ``beat``) last said that it lives."""

    process = models.CharField(_("Tiến trình"), max_length=16, primary_key=True)
    seen_at = models.DateTimeField(_("Thấy lúc"))

    class Meta:
        verbose_name = _("dấu hiệu hoạt động")
        verbose_name_plural = _("dấu hiệu hoạt động")

    def __str__(self):
        return self.process


def new_feed_secret() -> str:
    """Return a fresh secret for the address of a calendar feed: 256 bits."""
    return secrets.token_urlsafe(32)


class CalendarFeed(models.Model):
    """The address under which a person's telephone reads their days; taken back by making a new secret."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_feed", verbose_name=_("Người dùng")
    )
    secret = models.CharField(max_length=64, unique=True, editable=False, default=new_feed_secret)
    made_at = models.DateTimeField(_("Lập lúc"))
    read_at = models.DateTimeField(_("Đọc gần nhất"), null=True, blank=True)

    class Meta:
        verbose_name = _("lịch cá nhân")
        verbose_name_plural = _("lịch cá nhân")

    def __str__(self):
        return str(self.person)

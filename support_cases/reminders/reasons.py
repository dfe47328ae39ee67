"""Reasons people give for what they do to reminders."""

from django.utils.translation import gettext_lazy as _

from cooperatives.errors import Words


def reason_problems(reason: str, most: int) -> list[Words]:
    """Return what is wrong with a reason of at most ``most`` characters; empty when nothing is."""
    if not reason:
        return [_("Cần ghi lý do.")]
    if len(reason) > most:
        return [_("Ghi ngắn gọn, nhiều nhất %(most)s chữ cái.") % {"most": most}]
    return []

"""Reasons people give for what they take back, put off, mute or reopen."""

from django.utils.translation import gettext_lazy as _

from cooperatives.errors import InvalidEntry, Words
from cooperatives.text import nfc


def reason_problems(reason: str, most: int) -> list[Words]:
    """Return what is wrong with a reason of at most ``most`` characters; empty when nothing is."""
    if not reason:
        return [_("Cần ghi lý do.")]
    if len(reason) > most:
        return [_("Ghi ngắn gọn, nhiều nhất %(most)s chữ cái.") % {"most": most}]
    return []


def kept_reason(reason: str, most: int) -> str:
    """Return a reason in the form it is kept in.

    Raises:
        InvalidEntry: when it says nothing or is longer than ``most`` characters, under ``reason``.
    """
    said = nfc(reason)
    if wrong := reason_problems(said, most):
        raise InvalidEntry({"reason": wrong})
    return said

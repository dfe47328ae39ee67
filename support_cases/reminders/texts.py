"""What an officer copies into Zalo or an SMS for a cooperative: polite, short, and nothing that is the office's own.

Pure functions over what the caller knows; the words are those of the present language.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cooperatives.errors import Words
from cooperatives.text import nfc
from support_cases.choices import Occasion

SMS_LENGTH = 160
#: An SMS names so many papers; the rest is a number.
_MOST_PAPERS = 3
#: Marks of a keyboard that plain telephones do not know, or count twice.
_PLAIN = str.maketrans(
    {"đ": "d", "Đ": "D", "–": "-", "—": "-", "…": "...", "“": '"', "”": '"', "‘": "'", "’": "'", "`": "'"}
    | {"[": "(", "]": ")", "{": "(", "}": ")", "\\": "/", "~": "-", "|": "/", "^": "", "★": "*", "€": "EUR"}
)

#: What each reminder is about, in words for the cooperative; ``%(what)s`` and ``%(day)s`` as in the office's own.
_ABOUT: dict[str, Words] = {
    Occasion.FOLLOW_UP_DUE: gettext_lazy("hẹn làm việc tiếp ngày %(day)s"),
    Occasion.CASE_DEADLINE: gettext_lazy("hồ sơ “%(case)s” đang được xử lý"),
    Occasion.NO_CONTACT: gettext_lazy("tình hình hồ sơ “%(case)s”, đã lâu hai bên chưa trao đổi"),
    Occasion.WAITING_COOPERATIVE: gettext_lazy("hồ sơ “%(case)s” đang chờ bổ sung giấy tờ"),
    Occasion.KIND_DAY: gettext_lazy("hồ sơ “%(case)s”: %(what)s %(day)s"),
    Occasion.REFERRAL_LATE: gettext_lazy("hồ sơ “%(case)s” đang chờ cơ quan phối hợp trả lời"),
    Occasion.REFERRAL_ESCALATED: gettext_lazy("hồ sơ “%(case)s” đang chờ cơ quan phối hợp trả lời"),
    Occasion.TERM_END: gettext_lazy("nhiệm kỳ hết ngày %(day)s, cần chuẩn bị đại hội nhiệm kỳ"),
    Occasion.ANNUAL_CONGRESS: gettext_lazy(
        "chưa họp đại hội thường niên của năm tài chính kết thúc %(day)s, hạn họp %(what)s"
    ),
    Occasion.LAST_CONGRESS: gettext_lazy("họp đại hội lần gần nhất ngày %(day)s, cần họp trước %(what)s"),
    Occasion.OCOP_EXPIRY: gettext_lazy("giấy chứng nhận OCOP của %(what)s hết giá trị ngày %(day)s"),
    Occasion.OCOP_PAPER_EXPIRY: gettext_lazy("%(what)s có giá trị đến hết ngày %(day)s"),
    Occasion.PLACEMENT_END: gettext_lazy("%(what)s hết ngày %(day)s"),
    Occasion.PLACEMENT_CONFIRMATION: gettext_lazy("chưa xác nhận ngày công %(what)s"),
    Occasion.CAPITAL_CONTRIBUTION: gettext_lazy("%(what)s chậm nhất ngày %(day)s"),
    Occasion.TAX_DEADLINE: gettext_lazy("%(what)s, hạn ngày %(day)s"),
    Occasion.YEARLY_UPDATE: gettext_lazy("cập nhật thông tin hằng năm, hạn ngày %(day)s"),
}
#: What a cooperative may be written about; the office's own matters are none of its business.
FOR_COOPERATIVES = frozenset(_ABOUT)
#: Of these the day is one by which the cooperative itself is to act; due days of cases are the office's own.
WITH_DEADLINE = frozenset(_ABOUT) - {
    Occasion.CASE_DEADLINE,
    Occasion.NO_CONTACT,
    Occasion.WAITING_COOPERATIVE,
    Occasion.REFERRAL_LATE,
    Occasion.REFERRAL_ESCALATED,
    Occasion.ANNUAL_CONGRESS,
    Occasion.LAST_CONGRESS,
    Occasion.PLACEMENT_CONFIRMATION,
}


@dataclass(frozen=True)
class Matter:
    """What a cooperative is to be told: whom, about what, what is missing, by when, whom to call."""

    party: str
    about: str
    missing: Sequence[str] = field(default_factory=tuple)
    deadline: date | None = None
    officer: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Texts:
    """One text for Zalo, and the parts of an SMS: each at most 160 plain letters."""

    zalo: str
    sms: list[str]


def about(occasion: str, *, what: Words = "", day: date, case: str = "") -> str:
    """Return what a reminder is about, in words for the cooperative."""
    words = {"what": str(what), "day": f"{day:%d/%m/%Y}", "case": case}
    return str(_ABOUT[occasion]) % words


def texts_of(matter: Matter) -> Texts:
    """Return both texts about a matter, in Unicode NFC."""
    return Texts(_zalo(matter), sms_parts(_sms(matter)))


def _zalo(matter: Matter) -> str:
    lines = [
        _("Kính gửi %(party)s,") % {"party": matter.party},
        _("Tổ công tác hỗ trợ hợp tác xã xin nhắc: %(about)s.") % {"about": matter.about},
    ]
    if matter.missing:
        lines += [_("Giấy tờ còn thiếu:"), *(f"- {paper}" for paper in matter.missing)]
        lines.append(_("Xin bổ sung tại trụ sở tổ công tác, %(when)s.") % {"when": _when(matter)})
    if matter.officer:
        caller = ", ".join(filter(None, [matter.officer, matter.phone]))
        lines.append(_("Cần hỏi xin gọi: %(caller)s.") % {"caller": caller})
    lines.append(_("Trân trọng cảm ơn."))
    return "\n".join(nfc(line) for line in lines)


def _sms(matter: Matter) -> str:
    parts = [_("Tổ công tác HTX xin nhắc %(party)s: %(about)s.") % {"party": matter.party, "about": matter.about}]
    if matter.missing:
        named = list(matter.missing[:_MOST_PAPERS])
        if more := len(matter.missing) - len(named):
            named.append(_("và %(n)s giấy tờ khác") % {"n": more})
        words = {"papers": "; ".join(named), "when": _when(matter)}
        parts.append(_("Còn thiếu: %(papers)s. Xin bổ sung %(when)s.") % words)
    if matter.officer or matter.phone:
        parts.append(_("Gọi %(caller)s.") % {"caller": " ".join(filter(None, [matter.officer, matter.phone]))})
    return " ".join(parts)


def _when(matter: Matter) -> str:
    if matter.deadline is None:
        return _("trong thời gian sớm nhất")
    return _("trước hết ngày %(day)s") % {"day": f"{matter.deadline:%d/%m/%Y}"}


def without_accents(text: str) -> str:
    """Return ``text`` in letters every telephone knows: no marks, đ as d, one line."""
    bare = unicodedata.normalize("NFD", nfc(text)).translate(_PLAIN)
    return nfc(bare.encode("ascii", "ignore").decode())


def sms_parts(text: str) -> list[str]:
    """Return ``text`` without accents in parts of at most 160 letters; several are numbered "(1/2) " at their head."""
    plain = without_accents(text)
    if len(plain) <= SMS_LENGTH:
        return [plain]
    count = 2
    # The number of parts decides how much their heads take: rarely more than one turn.
    while len(parts := _wrapped(plain, SMS_LENGTH - len(f"({count}/{count}) "))) > count:
        count = len(parts)
    return [f"({number}/{len(parts)}) {part}" for number, part in enumerate(parts, start=1)]


def _wrapped(text: str, width: int) -> list[str]:
    """Return ``text`` broken between words; a word that is too long is broken where the line ends."""
    lines = [""]
    for word in text.split(" "):
        for piece in (word[at : at + width] for at in range(0, len(word), width)):
            joined = f"{lines[-1]} {piece}".strip()
            if len(joined) <= width:
                lines[-1] = joined
            else:
                lines.append(piece)
    return lines

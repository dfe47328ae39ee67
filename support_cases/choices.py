"""Enumerations of the work; staff words and public words of a status stand side by side."""

import re

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    """States of a case in the words of staff; "overdue" is computed, never a state."""

    NEW = "new", _("Mới ghi nhận")
    ADVISING = "advising", _("Đang tư vấn")
    WAITING_COOPERATIVE = "waiting_cooperative", _("Chờ HTX bổ sung")
    SUBMITTED = "submitted", _("HTX đã nộp cơ quan có thẩm quyền")
    WAITING_RESULT = "waiting_result", _("Chờ kết quả")
    COMPLETED = "completed", _("Hoàn thành")
    WITHDRAWN = "withdrawn", _("HTX rút")
    NOT_ELIGIBLE = "not_eligible", _("Không đủ điều kiện")
    UNREACHABLE = "unreachable", _("Không liên lạc được")
    STOPPED = "stopped", _("Dừng theo dõi")


OPEN_STATUSES = (
    Status.NEW,
    Status.ADVISING,
    Status.WAITING_COOPERATIVE,
    Status.SUBMITTED,
    Status.WAITING_RESULT,
)
# While a case waits for the cooperative its clock stands still, so it cannot become overdue.
RUNNING_STATUSES = tuple(s for s in OPEN_STATUSES if s != Status.WAITING_COOPERATIVE)
CLOSED_STATUSES = tuple(s for s in Status if s not in OPEN_STATUSES)

PUBLIC_STATUS = {
    Status.NEW: _("Đã tiếp nhận yêu cầu"),
    Status.ADVISING: _("Tổ công tác đang hướng dẫn"),
    Status.WAITING_COOPERATIVE: _("Chờ HTX bổ sung giấy tờ"),
    Status.SUBMITTED: _("Đã nộp cơ quan có thẩm quyền"),
    Status.WAITING_RESULT: _("Đang chờ kết quả"),
    Status.COMPLETED: _("Đã hoàn thành"),
    Status.WITHDRAWN: _("HTX đã rút yêu cầu"),
    Status.NOT_ELIGIBLE: _("Chưa đủ điều kiện"),
    Status.UNREACHABLE: _("Tạm dừng vì chưa liên lạc được với HTX"),
    Status.STOPPED: _("Đã dừng theo dõi"),
}

NEXT_STEP = {
    Status.NEW: _("Cán bộ của tổ công tác sẽ liên hệ với HTX."),
    Status.ADVISING: _("HTX chuẩn bị giấy tờ theo hướng dẫn của cán bộ."),
    Status.WAITING_COOPERATIVE: _("HTX nộp các giấy tờ còn thiếu cho cán bộ phụ trách."),
    Status.SUBMITTED: _("Cơ quan có thẩm quyền xem xét hồ sơ."),
    Status.WAITING_RESULT: _("HTX nhận kết quả khi có thông báo."),
    Status.COMPLETED: _("Không còn việc phải làm."),
    Status.WITHDRAWN: _("Nếu muốn làm tiếp, HTX liên hệ cán bộ để mở lại hồ sơ."),
    Status.NOT_ELIGIBLE: _("HTX hỏi cán bộ phụ trách về điều kiện còn thiếu."),
    Status.UNREACHABLE: _("HTX gọi cho cán bộ phụ trách để mở lại hồ sơ."),
    Status.STOPPED: _("Nếu muốn làm tiếp, HTX liên hệ cán bộ để mở lại hồ sơ."),
}


class CaseOutcome(models.TextChoices):
    """What a case that ended came to."""

    HELPED = "helped", _("Đã hỗ trợ xong")
    PARTLY = "partly", _("Hỗ trợ được một phần")
    NOT_ELIGIBLE = "not_eligible", _("Không đủ điều kiện")
    WITHDREW = "withdrew", _("HTX rút")
    UNREACHABLE = "unreachable", _("Không liên lạc được")
    NOT_OURS = "not_ours", _("Không thuộc phạm vi của tổ công tác")
    STOPPED = "stopped", _("Dừng theo dõi")


class Channel(models.TextChoices):
    """How a consultation was held."""

    OFFICE = "office", _("Tại trụ sở")
    VISIT = "visit", _("Tại HTX")
    PHONE = "phone", _("Điện thoại")
    ZALO = "zalo", _("Zalo")
    MEETING = "meeting", _("Hội nghị, tập huấn")
    LETTER = "letter", _("Văn bản")


class Outcome(models.TextChoices):
    """What a consultation ended with."""

    ANSWERED = "answered", _("Đã giải đáp")
    GUIDED_DOSSIER = "guided_dossier", _("Hướng dẫn hồ sơ")
    REFERRED = "referred", _("Chuyển cơ quan khác")
    FOLLOW_UP = "follow_up", _("Hẹn làm việc tiếp")
    SELF_DONE = "self_done", _("HTX tự thực hiện")


class ReferralState(models.TextChoices):
    """Where a referral to another agency stands; computed from its days, never stored."""

    WAITING = "waiting", _("Chờ trả lời")
    LATE = "late", _("Quá hạn trả lời")
    ESCALATED = "escalated", _("Đã báo lãnh đạo")
    ANSWERED = "answered", _("Đã trả lời")
    WITHDRAWN = "withdrawn", _("Đã rút lại")


class AnswerKind(models.TextChoices):
    """What another agency's answer came to."""

    ANSWERED = "answered", _("Trả lời đầy đủ")
    PARTLY = "partly", _("Trả lời một phần")
    REFUSED = "refused", _("Từ chối")
    NO_COMPETENCE = "no_competence", _("Không thuộc thẩm quyền")


class ReminderState(models.TextChoices):
    """Life of one reminder: due → claimed → sending → sent, failed, unknown or skipped."""

    DUE = "due", _("Đến hạn")
    CLAIMED = "claimed", _("Đang chuẩn bị gửi")
    SENDING = "sending", _("Đang gửi")
    SENT = "sent", _("Đã gửi")
    FAILED = "failed", _("Không gửi được")
    UNKNOWN = "unknown", _("Không rõ đã tới chưa")
    SKIPPED = "skipped", _("Bỏ qua")


#: What does not last.
UNDER_WAY = (ReminderState.DUE, ReminderState.CLAIMED, ReminderState.SENDING)


class ReminderChannel(models.TextChoices):
    """By which way a reminder reaches its recipient."""

    MAIL = "mail", _("Thư điện tử")
    APP = "app", _("Trong cổng HTX")
    WEBHOOK = "webhook", _("Cổng nhắn tin")


class Occasion(models.TextChoices):
    """What people are reminded of; each has a day of its own that the days of its rules are counted from."""

    FOLLOW_UP_DUE = "follow_up_due", _("Hẹn làm việc tiếp")
    CASE_DEADLINE = "case_deadline", _("Hạn xử lý hồ sơ")
    NO_CONTACT = "no_contact", _("Lâu chưa liên hệ")
    WAITING_COOPERATIVE = "waiting_cooperative", _("Chờ HTX bổ sung")
    KIND_DAY = "kind_day", _("Hạn riêng của hồ sơ")
    REFERRAL_LATE = "referral_late", _("Cơ quan phối hợp chậm trả lời")
    REFERRAL_ESCALATED = "referral_escalated", _("Chậm trả lời đã báo lãnh đạo")
    TERM_END = "term_end", _("Hết nhiệm kỳ")
    ANNUAL_CONGRESS = "annual_congress", _("Đại hội thành viên thường niên")
    LAST_CONGRESS = "last_congress", _("Lâu chưa họp đại hội")
    OCOP_EXPIRY = "ocop_expiry", _("Giấy chứng nhận OCOP hết giá trị")
    OCOP_PAPER_EXPIRY = "ocop_paper_expiry", _("Giấy tờ OCOP hết giá trị")
    PLACEMENT_END = "placement_end", _("Hợp đồng nhân lực sắp hết")
    PLACEMENT_CONFIRMATION = "placement_confirm", _("Chưa xác nhận tháng làm việc")
    CAPITAL_CONTRIBUTION = "capital", _("Góp đủ vốn điều lệ")
    TAX_DEADLINE = "tax_deadline", _("Lịch thuế")
    YEARLY_UPDATE = "yearly_update", _("Cập nhật thông tin hằng năm")
    PERIOD_ENDED = "period_ended", _("Kỳ báo cáo đã kết thúc")


class OffsetUnit(models.TextChoices):
    """What the days of a rule of reminders are counted in."""

    CALENDAR_DAY = "calendar_day", _("Ngày")
    WORKING_DAY = "working_day", _("Ngày làm việc")
    MONTH = "month", _("Tháng")


class Audience(models.TextChoices):
    """Whom a rule of reminders tells."""

    OFFICER = "officer", _("Cán bộ phụ trách")
    MANAGER = "manager", _("Lãnh đạo")
    COOPERATIVE = "cooperative", _("Người của HTX")


class SkipReason(models.TextChoices):
    """Why a reminder was not sent, or is held back."""

    DONE = "done", _("Việc đã làm")
    VOIDED = "voided", _("Lần ghi đã hủy")
    MOVED = "moved", _("Ngày đã dời")
    CLOSED = "closed", _("Hồ sơ đã kết thúc")
    OVER = "over", _("Không còn phải nhắc")
    GONE = "gone", _("Không còn trong sổ")
    INACTIVE = "inactive", _("Tài khoản đã ngừng")
    OTHER_RECIPIENT = "other_recipient", _("Nay người khác phụ trách")
    OTHER_CHANNEL = "other_channel", _("Không còn phải nhắc")
    MUTED = "muted", _("Người nhận đã tắt nhắc")
    OWN_ACTION = "own_action", _("Người nhận vừa tự làm")
    GRACE = "grace", _("Vừa liên hệ nên hoãn")
    NO_ADDRESS = "no_address", _("Chưa có địa chỉ nhận")
    REFUSED_ADDRESS = "refused_address", _("Địa chỉ thư bị từ chối")
    INTERRUPTED = "interrupted", _("Đang gửi thì bị ngắt")
    BOUNCED = "bounced", _("Máy chủ thư của người nhận trả lại")


_NOT_REACHED = _("Không nối được máy chủ")
_BROKEN_OFF = _("Đường truyền bị ngắt giữa chừng")
_NOT_SECURE = _("Không lập được đường truyền bảo mật")
_NOT_UNDERSTOOD = _("Máy chủ trả lời không hiểu được")
#: The names of errors that channels meet, in words for people.
_TROUBLES = {
    "BadStatusLine": _NOT_UNDERSTOOD,
    "BrokenPipeError": _BROKEN_OFF,
    "ConnectionAbortedError": _BROKEN_OFF,
    "ConnectionRefusedError": _NOT_REACHED,
    "ConnectionResetError": _BROKEN_OFF,
    "IncompleteRead": _BROKEN_OFF,
    "InvalidAddress": _("Địa chỉ thư viết sai"),
    "InvalidWebhookURL": _("Địa chỉ cổng nhắn tin trong cài đặt viết sai"),
    "LineTooLong": _NOT_UNDERSTOOD,
    "OSError": _NOT_REACHED,
    "RemoteDisconnected": _BROKEN_OFF,
    "SMTPAuthenticationError": _("Máy chủ thư không nhận tên đăng nhập hoặc mật khẩu trong cài đặt"),
    "SMTPConnectError": _NOT_REACHED,
    "SMTPDataError": _("Máy chủ thư không nhận nội dung thư"),
    "SMTPHeloError": _NOT_UNDERSTOOD,
    "SMTPNotSupportedError": _("Máy chủ thư thiếu tính năng mà cài đặt đòi hỏi"),
    "SMTPRecipientsRefused": _("Máy chủ thư không nhận người nhận này"),
    "SMTPResponseException": _NOT_UNDERSTOOD,
    "SMTPSenderRefused": _("Máy chủ thư không nhận địa chỉ gửi"),
    "SMTPServerDisconnected": _BROKEN_OFF,
    "SSLCertVerificationError": _NOT_SECURE,
    "SSLEOFError": _NOT_SECURE,
    "SSLError": _NOT_SECURE,
    "TimeoutError": _("Máy chủ không trả lời kịp"),
    "WebhookNotSetUp": _("Cổng nhắn tin chưa được cài đặt"),
    "gaierror": _("Không tìm thấy máy chủ theo tên"),
}
_SAID_BY_SERVER = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}\b|HTTP [0-9]{3}")


def reason_words(code: str) -> str:
    """Return a reason in words: one of ours, the name of an error, what a server said, or a person's own words."""
    if code in SkipReason.values:
        return str(SkipReason(code).label)
    if code in _TROUBLES:
        return str(_TROUBLES[code])
    if _SAID_BY_SERVER.match(code):
        return gettext("Máy chủ trả lời: %(words)s") % {"words": code}
    return code

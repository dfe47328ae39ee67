"""Enumerations of the work; staff words and public words of a status stand side by side."""

from django.db import models
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


class ReminderChannel(models.TextChoices):
    """By which way a reminder reaches its recipient."""

    MAIL = "mail", _("Thư điện tử")
    APP = "app", _("Trong cổng HTX")

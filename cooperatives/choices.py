"""Enumerations of the register; nothing else."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """The three forms of organisation of the law on cooperatives."""

    THT = "tht", _("Tổ hợp tác")
    HTX = "htx", _("Hợp tác xã")
    LHHTX = "lhhtx", _("Liên hiệp hợp tác xã")


class LegalStatus(models.TextChoices):
    """Legal status in the words of Decree 92/2024/NĐ-CP, Article 27."""

    ACTIVE = "active", _("Đang hoạt động")
    SUSPENDED = "suspended", _("Tạm ngừng kinh doanh")
    REVOKED_TAX = "revoked_tax", _("Bị thu hồi do cưỡng chế về quản lý thuế")
    DISSOLVING = "dissolving", _("Đang làm thủ tục giải thể, bị chia, bị hợp nhất, được sáp nhập")
    BANKRUPTCY = "bankruptcy", _("Đang làm thủ tục phá sản")
    DISSOLVED = "dissolved", _("Đã giải thể, phá sản, chấm dứt tồn tại")
    NOT_AT_ADDRESS = "not_at_address", _("Không hoạt động tại địa chỉ đã đăng ký")


#: What has no certificate any more owes nothing that hangs on one.
ENDED_STATUSES = (LegalStatus.DISSOLVED, LegalStatus.REVOKED_TAX)


class ActualState(models.TextChoices):
    """What staff see on the ground, whatever the papers say."""

    OPERATING = "operating", _("Hoạt động")
    SLUGGISH = "sluggish", _("Hoạt động cầm chừng")
    STOPPED = "stopped", _("Ngừng hoạt động thực tế")
    UNREACHABLE = "unreachable", _("Không liên lạc được")


class CharterReview(models.TextChoices):
    """Whether the charter agrees with Law 17/2023/QH15 (Article 115: to be amended by 01/01/2026)."""

    NOT_REVIEWED = "not_reviewed", _("Chưa rà soát")
    CONFORMS = "conforms", _("Phù hợp Luật 2023")
    MUST_AMEND = "must_amend", _("Phải sửa")
    AMENDED = "amended", _("Đã sửa")


class LineAction(models.TextChoices):
    """What becomes of one business line when the list is reviewed."""

    KEEP = "keep", _("Giữ")
    DROP = "drop", _("Bỏ")
    ADD = "add", _("Thêm")
    CORRECT = "correct", _("Sửa mã, sửa chi tiết")
    MOVE = "move", _("Chuyển sang VSIC mới")


class TermBody(models.TextChoices):
    """Which body of a cooperative a term of office is of; all of them serve for the term the charter sets."""

    BOARD = "board", _("Hội đồng quản trị, giám đốc")
    CONTROL = "control", _("Ban kiểm soát, kiểm soát viên")


class CongressKind(models.TextChoices):
    """Kinds of general meetings (Law 17/2023/QH15, Articles 56–61)."""

    ANNUAL = "annual", _("Thường niên")
    TERM = "term", _("Nhiệm kỳ")
    EXTRAORDINARY = "extraordinary", _("Bất thường")
    DELEGATES = "delegates", _("Đại biểu thành viên")
    FOUNDING = "founding", _("Hội nghị thành lập")


class ObligationKind(models.TextChoices):
    """What the law asks of a cooperative by a day, in the order a list prints what falls on one day."""

    TERM_END = "term_end", _("Đại hội nhiệm kỳ mới")
    ANNUAL_CONGRESS = "annual_congress", _("Đại hội thường niên")
    REVOCATION = "revocation", _("Nguy cơ bị thu hồi do không họp đại hội")
    ANNUAL_UPDATE = "annual_update", _("Cập nhật thông tin hằng năm")
    CHARTER_REVIEW = "charter_review", _("Rà soát, sửa điều lệ theo Luật 2023")
    CAPITAL = "capital", _("Góp đủ vốn điều lệ")
    CAPITAL_AGAIN = "capital_again", _("Đăng ký lại vốn điều lệ")


class ObligationState(models.TextChoices):
    """How urgent an obligation is."""

    LATE = "late", _("Quá hạn")
    SOON = "soon", _("Sắp đến hạn")
    OK = "ok", _("Còn thời gian")
    UNKNOWN = "unknown", _("Chưa đủ thông tin")


class UnitLevel(models.TextChoices):
    """Levels of the administrative territory; the district level ended on 30/06/2025."""

    PROVINCE = "province", _("Cấp tỉnh")
    DISTRICT = "district", _("Cấp huyện (cũ)")
    COMMUNE = "commune", _("Cấp xã")


class UnitKind(models.TextChoices):
    """The word that goes before the name of a unit and must always be printed with it."""

    TINH = "tinh", _("tỉnh")
    THANH_PHO = "thanh_pho", _("thành phố")
    HUYEN = "huyen", _("huyện")
    XA = "xa", _("xã")
    PHUONG = "phuong", _("phường")
    THI_TRAN = "thi_tran", _("thị trấn")


class Confidence(models.TextChoices):
    """How sure the office is of a rule or a figure."""

    CONFIRMED = "C", _("Đã đối chiếu văn bản")
    KNOWN = "K", _("Chắc chắn, chưa đối chiếu")
    LIKELY = "K~", _("Có thể đúng, cần kiểm tra")
    UNSURE = "U", _("Chưa rõ, do cơ quan quyết định")


class AgencyKind(models.TextChoices):
    """What an agency is to the work of the office."""

    REGISTRAR = "registrar", _("Cơ quan đăng ký kinh doanh")
    TAX = "tax", _("Cơ quan thuế")
    FINANCE = "finance", _("Cơ quan tài chính, kế hoạch")
    AGRICULTURE = "agriculture", _("Cơ quan nông nghiệp")
    ALLIANCE = "alliance", _("Liên minh HTX")
    FUND = "fund", _("Quỹ hỗ trợ phát triển HTX")
    BANK = "bank", _("Ngân hàng")
    COMMITTEE = "committee", _("Ủy ban nhân dân")
    OTHER = "other", _("Cơ quan khác")


class DayKind(models.TextChoices):
    """Why a day departs from the ordinary week."""

    OFF = "off", _("Ngày nghỉ")
    WORKING = "working", _("Ngày làm bù")


class Lender(models.TextChoices):
    """Who lends to cooperatives in the province."""

    PROVINCIAL_FUND = "provincial_fund", _("Quỹ hỗ trợ phát triển HTX tỉnh")
    NATIONAL_FUND = "national_fund", _("Quỹ hỗ trợ phát triển HTX Việt Nam")
    VBSP = "vbsp", _("Ngân hàng Chính sách xã hội")
    AGRIBANK = "agribank", _("Agribank")
    COOPBANK = "coopbank", _("Co-opBank, quỹ tín dụng nhân dân")
    OTHER = "other", _("Ngân hàng khác")


class LoanResult(models.TextChoices):
    """Where a request for a loan stands."""

    PENDING = "pending", _("Đang xem xét")
    APPROVED = "approved", _("Được vay")
    PARTIAL = "partial", _("Được vay một phần")
    REFUSED = "refused", _("Từ chối")
    WITHDRAWN = "withdrawn", _("HTX rút")


class RefusalReason(models.TextChoices):
    """Usual reasons for which a loan is refused."""

    NO_COLLATERAL = "no_collateral", _("Không có tài sản bảo đảm")
    WEAK_PLAN = "weak_plan", _("Phương án chưa khả thi")
    ACCOUNTS_INCOMPLETE = "accounts_incomplete", _("Sổ sách, báo cáo tài chính chưa đầy đủ")
    BAD_DEBT = "bad_debt", _("Nợ xấu")
    OWN_CAPITAL_LOW = "own_capital_low", _("Vốn đối ứng dưới mức yêu cầu")
    CHARTER_OUTDATED = "charter_outdated", _("HTX chưa đổi điều lệ, giấy chứng nhận")
    REPRESENTATIVE_EXPIRED = "representative_expired", _("Người đại diện theo pháp luật hết nhiệm kỳ")


class Collateral(models.TextChoices):
    """What secures a loan."""

    NONE = "none", _("Không có")
    ASSET = "asset", _("Tài sản")
    GUARANTEE = "guarantee", _("Bảo lãnh của quỹ")
    LAND = "land", _("Giấy chứng nhận quyền sử dụng đất")


class CicState(models.TextChoices):
    """What the credit information centre (CIC) says of a cooperative's debts."""

    UNKNOWN = "unknown", _("Chưa hỏi")
    NONE = "none", _("Không có nợ xấu")
    HAS = "has", _("Có nợ xấu")


class Degree(models.TextChoices):
    """Degree of a person placed at a cooperative."""

    INTERMEDIATE = "intermediate", _("Trung cấp")
    COLLEGE = "college", _("Cao đẳng")
    UNIVERSITY = "university", _("Đại học")


class Job(models.TextChoices):
    """Work done by a person placed at a cooperative."""

    ACCOUNTANT = "accountant", _("Kế toán")
    TECHNICIAN = "technician", _("Kỹ thuật")
    MARKETING = "marketing", _("Tiếp thị, bán hàng")
    MANAGER = "manager", _("Quản lý")

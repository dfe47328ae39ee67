"""Enumerations of the OCOP programme; nothing else."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class OcopGroup(models.TextChoices):
    """The six product groups of the OCOP programme (Decision 148/QĐ-TTg of 2023)."""

    FOOD = "food", _("Thực phẩm")
    BEVERAGE = "beverage", _("Đồ uống")
    MEDICINAL = "medicinal", _("Dược liệu và sản phẩm từ dược liệu")
    HANDICRAFT = "handicraft", _("Thủ công mỹ nghệ")
    ORNAMENTAL = "ornamental", _("Sinh vật cảnh")
    TOURISM = "tourism", _("Dịch vụ du lịch cộng đồng, du lịch sinh thái và điểm du lịch")


class OcopPaperKind(models.TextChoices):
    """Papers of a product that have an end of their own; the codes are those of the checklist where it knows them."""

    FOOD_SAFETY = "food_safety_certificate", _("Giấy chứng nhận đủ điều kiện an toàn thực phẩm")
    TEST_REPORT = "test_report", _("Phiếu kiểm nghiệm")
    QUALITY = "quality_declaration", _("Bản công bố, tự công bố chất lượng")
    VIETGAP = "vietgap", _("Chứng nhận VietGAP")
    ORGANIC = "organic", _("Chứng nhận hữu cơ")
    HACCP = "haccp", _("Chứng nhận HACCP")
    TRADEMARK = "trademark", _("Bảo hộ nhãn hiệu")
    TRACEABILITY = "label_traceability", _("Mã số mã vạch, truy xuất nguồn gốc")
    OTHER = "other", _("Giấy tờ khác")


class RatingLevel(models.TextChoices):
    """Which council rated a product."""

    DISTRICT = "district", _("Cấp huyện")
    PROVINCE = "province", _("Cấp tỉnh")
    CENTRAL = "central", _("Trung ương")

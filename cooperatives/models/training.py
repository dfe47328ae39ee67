"""Training classes for cooperatives, and how many people each cooperative sent; nobody is named."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cooperatives.limits import AtMost
from cooperatives.models.cooperative import Cooperative
from cooperatives.models.loans import MOST_DONG

_MOST_PEOPLE = 1000


class TrainingClass(models.Model):
    """One class with its dates, place and who paid; the cost in đồng."""

    name = models.CharField(_("Tên lớp"), max_length=200)
    organiser = models.CharField(_("Đơn vị tổ chức"), max_length=160)
    started_on = models.DateField(_("Khai giảng"))
    ended_on = models.DateField(_("Bế giảng"))
    place = models.CharField(_("Địa điểm"), max_length=160, blank=True)
    cost_source = models.CharField(_("Nguồn kinh phí"), max_length=160, blank=True)
    cost = models.PositiveBigIntegerField(_("Kinh phí (đồng)"), null=True, blank=True, validators=[AtMost(MOST_DONG)])

    class Meta:
        verbose_name = _("lớp tập huấn")
        verbose_name_plural = _("lớp tập huấn")
        ordering = ["-started_on", "-pk"]
        indexes = [models.Index(fields=["-started_on", "-id"], name="training_by_start")]
        constraints = [
            models.UniqueConstraint(
                fields=["name", "started_on"],
                name="cooperatives_training_once",
                violation_error_message=_("Đã có lớp này khai giảng ngày này."),
            ),
            models.CheckConstraint(
                condition=Q(ended_on__gte=F("started_on")),
                name="cooperatives_training_ends_after_it_starts",
                violation_error_message=_("Ngày bế giảng không thể trước ngày khai giảng."),
            ),
        ]

    def __str__(self):
        return f"{self.name} ({self.started_on:%d/%m/%Y})"


class TrainingParticipation(models.Model):
    """How many people of one cooperative took part in one class; ethnicity only as a count."""

    training = models.ForeignKey(
        TrainingClass, on_delete=models.CASCADE, related_name="participations", verbose_name=_("lớp tập huấn")
    )
    cooperative = models.ForeignKey(
        Cooperative, on_delete=models.CASCADE, related_name="trainings", verbose_name=_("HTX")
    )
    participants = models.PositiveSmallIntegerField(
        _("Số người tham gia"), validators=[MinValueValidator(1), AtMost(_MOST_PEOPLE)]
    )
    women = models.PositiveSmallIntegerField(_("Trong đó nữ"), default=0)
    ethnic_minority = models.PositiveSmallIntegerField(_("Trong đó dân tộc thiểu số"), default=0)

    class Meta:
        verbose_name = _("HTX tham gia lớp")
        verbose_name_plural = _("HTX tham gia lớp")
        ordering = ["training", "cooperative__sort_key", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["training", "cooperative"],
                name="cooperatives_training_participation_once",
                violation_error_message=_("HTX này đã có trong danh sách của lớp."),
            ),
            models.CheckConstraint(
                condition=Q(women__lte=F("participants"), ethnic_minority__lte=F("participants")),
                name="cooperatives_training_parts_within_the_whole",
                violation_error_message=_("Số nữ và số dân tộc thiểu số không quá số người tham gia."),
            ),
        ]

    def __str__(self):
        return f"{self.training_id} {self.cooperative_id}"

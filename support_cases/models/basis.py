"""The law a kind of support stands on, over time."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cooperatives.choices import Confidence
from cooperatives.models.dated import EditedRow


class LegalBasisQuerySet(models.QuerySet):
    """Questions about many bases."""

    def of(self, topic: str, day: date) -> "LegalBasis | None":
        """The basis of ``topic`` in force on ``day``, or None before the first one."""
        return self.filter(topic=topic, valid_from__lte=day).order_by("-valid_from").first()

    def next_after(self, topic: str, day: date) -> "LegalBasis | None":
        """The basis of ``topic`` that takes over after ``day``, or None where none is known yet."""
        return self.filter(topic=topic, valid_from__gt=day).order_by("valid_from").first()


class LegalBasis(EditedRow):
    """One set of legal texts a topic is handled by, in force until the next one of the topic begins.

    There is no last day to enter: it is the day before the next basis. So no day can lie between two of them and
    none can have two, whatever staff enter.
    """

    topic = models.CharField(_("Nội dung"), max_length=32)
    code = models.CharField(_("Mã"), max_length=32)
    title_vi = models.CharField(_("Tên căn cứ"), max_length=200)
    title_en = models.CharField(_("Tên căn cứ (tiếng Anh)"), max_length=200, blank=True)
    valid_from = models.DateField(_("Hiệu lực từ"))
    legal_document = models.CharField(_("Văn bản"), max_length=240, blank=True)
    article = models.CharField(_("Điều khoản"), max_length=120, blank=True)
    confidence = models.CharField(_("Mức tin cậy"), max_length=2, choices=Confidence.choices, default=Confidence.UNSURE)
    note = models.CharField(_("Ghi chú"), max_length=300, blank=True)

    objects = LegalBasisQuerySet.as_manager()

    class Meta:
        verbose_name = _("căn cứ pháp lý theo nội dung")
        verbose_name_plural = _("căn cứ pháp lý theo nội dung")
        ordering = ["topic", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["topic", "valid_from"],
                name="support_one_basis_per_start",
                violation_error_message=_("Nội dung này đã có căn cứ bắt đầu ngày này."),
            ),
            models.UniqueConstraint(
                fields=["topic", "code"],
                name="support_basis_code_once",
                violation_error_message=_("Nội dung này đã có căn cứ mang mã này."),
            ),
        ]

    def __str__(self):
        return self.title

    @property
    def title(self) -> str:
        """The name in the language of the reader."""
        return self.title_en if self.title_en and get_language() == "en" else self.title_vi

    @property
    def valid_to(self) -> date | None:
        """The last day in force: the one before the next basis begins; None while there is no next. One query."""
        following = LegalBasis.objects.next_after(self.topic, self.valid_from)
        return following.valid_from - timedelta(days=1) if following else None

    def clean(self):
        """Refuse to move the start of a basis that cases are pinned to: they would stand on another law unnoticed.

        Raises:
            ValidationError: beside the day.
        """
        stored = LegalBasis.objects.filter(pk=self.pk).first() if self.pk else None
        if stored and stored.valid_from != self.valid_from and self.cases.exists():
            raise ValidationError(
                {"valid_from": _("Đã có hồ sơ theo căn cứ này. Hãy thêm căn cứ mới thay vì đổi ngày.")}
            )

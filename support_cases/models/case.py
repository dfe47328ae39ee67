"""A case: one matter a cooperative or a founding group is helped with, its history and its reference."""

import re
import secrets
from collections.abc import Iterable
from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cooperatives.models import Cooperative, FoundingGroup
from cooperatives.models.choice_words import ChoiceWords
from cooperatives.text import fold, search_key, search_terms
from support_cases.choices import CLOSED_STATUSES, OPEN_STATUSES, RUNNING_STATUSES, CaseOutcome, Status
from support_cases.models.basis import LegalBasis
from support_cases.support_types import SupportType, support_type, topic_label

# No 0/O, 1/I/L, so that a secret read out over the phone or off a crumpled receipt stays unambiguous.
SECRET_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # noqa: S105
SECRET_LENGTH = 10
_REFERENCE_SHAPE = re.compile(r"[A-Z0-9-]{1,20}")


def new_secret() -> str:
    """Return a fresh secret for the public look-up: ten characters, about 49 bits."""
    return "".join(secrets.choice(SECRET_ALPHABET) for _ in range(SECRET_LENGTH))


class ReferenceCounter(models.Model):
    """The last number given out on a day; never lowered, so a reference is never used twice."""

    day = models.DateField(primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self):
        return f"{self.day:%d/%m/%Y}: {self.last}"


def next_reference(day: date) -> str:
    """Return the next reference ``TCT-YYMMDD-NNNN`` of ``day``.

    Must run inside a transaction: the counter's row stays locked until it ends, so that two cases opened
    at once get two numbers. A number lost with a rolled-back case is not a problem, one used twice is.
    """
    ReferenceCounter.objects.get_or_create(day=day)
    counter = ReferenceCounter.objects.select_for_update().get(day=day)
    counter.last += 1
    counter.save(update_fields=["last"])
    return f"TCT-{day:%y%m%d}-{counter.last:04d}"


class CaseQuerySet(models.QuerySet):
    """Questions about many cases."""

    def open(self):
        """Cases somebody still works on."""
        return self.filter(status__in=OPEN_STATUSES)

    def closed(self):
        """Cases that came to an end, whatever the end."""
        return self.filter(status__in=CLOSED_STATUSES)

    def overdue(self, today: date):
        """Open cases past their due day whose clock is running; waiting for the cooperative never counts."""
        return self.filter(status__in=RUNNING_STATUSES, due_on__lt=today)

    def search(self, query: str):
        """Cases whose reference, title or party holds every word of ``query``, accents or not."""
        found = self
        for term in search_terms(query):
            found = found.filter(search_key__contains=term)
        return found

    def referred_to(self, references: Iterable[str]):
        """Cases with one of these references; texts no reference can be, which a database may choke on, find none."""
        return self.filter(reference__in=[text for text in references if _REFERENCE_SHAPE.fullmatch(text)])

    def with_parties(self):
        """Cases together with what every list prints of them."""
        return self.select_related("cooperative", "founding_group", "officer")


class Case(ChoiceWords):
    """One matter of one kind, for a cooperative or for a group that is founding one.

    ``reference`` is spoken and printed; ``secret`` proves the right to look the case up in public.
    ``version`` grows with every change and lets a stale form be noticed. ``event_on`` is the day the matter
    arose: it decides ``basis``, the law the case is handled by, and is the day rules are read on.
    ``clock_stopped_on`` is set while the case waits for the cooperative; when it goes on, ``due_on`` moves by
    the working days waited. ``extended_from`` is the due day before it was put off, which is done once.
    ``follows`` is the case this one came out of, under the name ``follow_key``.
    """

    reference = models.CharField(_("Mã hồ sơ"), max_length=20, unique=True, editable=False)
    secret = models.CharField(_("Mã bí mật"), max_length=16, editable=False, default=new_secret)
    topic = models.CharField(_("Nội dung"), max_length=32)
    title = models.CharField(_("Tên việc"), max_length=200)
    cooperative = models.ForeignKey(
        Cooperative,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="cases",
        verbose_name=_("HTX"),
    )
    founding_group = models.ForeignKey(
        FoundingGroup,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="cases",
        verbose_name=_("Nhóm sáng lập"),
    )
    status = models.CharField(
        _("Trạng thái"), max_length=20, choices=Status.choices, default=Status.NEW, editable=False
    )
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="cases",
        verbose_name=_("Cán bộ phụ trách"),
    )
    opened_on = models.DateField(_("Ngày mở"))
    received_at = models.TimeField(_("Giờ nhận"), null=True, blank=True, editable=False)
    event_on = models.DateField(_("Ngày phát sinh sự việc"), editable=False)
    basis = models.ForeignKey(
        LegalBasis,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="cases",
        verbose_name=_("Căn cứ pháp lý"),
    )
    due_on = models.DateField(_("Hạn xử lý"), null=True, blank=True)
    extended_from = models.DateField(_("Hạn trước khi gia hạn"), null=True, blank=True, editable=False)
    clock_stopped_on = models.DateField(_("Dừng tính hạn từ"), null=True, blank=True, editable=False)
    closed_on = models.DateField(_("Ngày kết thúc"), null=True, blank=True, editable=False)
    outcome = models.CharField(
        _("Kết quả hỗ trợ"), max_length=12, choices=CaseOutcome.choices, blank=True, editable=False
    )
    outcome_reason = models.TextField(_("Lý do kết thúc"), blank=True, editable=False)
    milestone = models.CharField(_("Giai đoạn"), max_length=24, blank=True, editable=False)
    follows = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="followers",
        verbose_name=_("Tiếp theo hồ sơ"),
    )
    follow_key = models.CharField(max_length=40, blank=True, editable=False)
    receiving_agency = models.CharField(_("Cơ quan tiếp nhận"), max_length=160, blank=True)
    external_ref = models.CharField(_("Mã hồ sơ TTHC, mã biên nhận"), max_length=60, blank=True)
    appointment_on = models.DateField(_("Hẹn trả kết quả"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    is_demo = models.BooleanField(_("Dữ liệu mẫu"), default=False, editable=False)
    search_key = models.CharField(max_length=700, editable=False, default="")
    created_at = models.DateTimeField(_("Nhập lúc"), auto_now_add=True)
    updated_at = models.DateTimeField(_("Cập nhật"), auto_now=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("hồ sơ hỗ trợ")
        verbose_name_plural = _("hồ sơ hỗ trợ")
        ordering = ["-opened_on", "-pk"]
        indexes = [
            models.Index(fields=["-opened_on", "-id"], name="case_by_opening"),
            models.Index(fields=["status", "due_on"], name="case_by_status_and_due"),
            models.Index(fields=["officer", "status"], name="case_by_officer"),
            models.Index(fields=["topic", "-opened_on"], name="case_by_topic"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(cooperative__isnull=False) | Q(founding_group__isnull=False),
                name="support_case_has_a_party",
                violation_error_message=_("Hồ sơ phải thuộc một HTX hoặc một nhóm sáng lập."),
            ),
            models.CheckConstraint(
                condition=Q(status__in=CLOSED_STATUSES, closed_on__isnull=False)
                | Q(status__in=OPEN_STATUSES, closed_on__isnull=True),
                name="support_case_closed_has_a_day",
                violation_error_message=_("Hồ sơ đã kết thúc phải có ngày kết thúc."),
            ),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("opened_on")),
                name="support_case_closed_after_opened",
                violation_error_message=_("Ngày kết thúc không thể trước ngày mở."),
            ),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True, outcome="") | Q(closed_on__isnull=False) & ~Q(outcome=""),
                name="support_case_closed_has_an_outcome",
                violation_error_message=_("Hồ sơ đã kết thúc phải có kết quả hỗ trợ."),
            ),
            models.UniqueConstraint(
                fields=["follows", "follow_key"],
                condition=Q(follows__isnull=False),
                name="support_case_follows_once",
            ),
        ]

    def __str__(self):
        return f"{self.reference} {self.title}"

    def save(self, *args, **kwargs):
        """Save with a fresh search key."""
        self.search_key = self.fresh_search_key()
        super().save(*args, **kwargs)

    def fresh_search_key(self) -> str:
        """Return the folded words this case is found by."""
        party = self.party
        return search_key(
            self.reference, self.title, party.name if party else "", self.external_ref, fold(self.topic_label)
        )[:700]

    @property
    def party(self) -> Cooperative | FoundingGroup | None:
        """The cooperative, or the founding group while there is no cooperative yet."""
        return self.cooperative or self.founding_group

    @property
    def kind(self) -> SupportType:
        """The kind of support, which knows the words and rules of this topic."""
        return support_type(self.topic)

    @property
    def topic_label(self) -> str:
        """The topic in the words of staff."""
        return topic_label(self.topic)

    @property
    def details(self):
        """The typed details of this kind, or None when none were recorded."""
        return getattr(self, self.kind.details._meta.model_name, None)

    @property
    def is_open(self) -> bool:
        """Whether somebody still works on the case."""
        return self.status in OPEN_STATUSES

    @property
    def is_waiting(self) -> bool:
        """Whether the case waits for the cooperative, so that its clock stands still."""
        return self.status == Status.WAITING_COOPERATIVE

    def days_left(self, today: date) -> int | None:
        """Calendar days until the due day, negative when past; None without a due day or a running clock."""
        if self.due_on is None or self.status not in RUNNING_STATUSES:
            return None
        return (self.due_on - today).days

    def is_overdue(self, today: date) -> bool:
        """Whether the due day is past and the clock is running."""
        left = self.days_left(today)
        return left is not None and left < 0

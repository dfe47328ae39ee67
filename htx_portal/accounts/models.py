"""People who sign in, their role, and the cooperatives they may act for."""

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """The four roles of the contract; a person has exactly one."""

    STAFF = "staff", _("Cán bộ")
    MANAGER = "manager", _("Lãnh đạo")
    COOPERATIVE = "cooperative", _("Người của HTX")
    ADMIN = "admin", _("Quản trị")


class UserQuerySet(models.QuerySet):
    """Questions about many accounts."""

    def officers(self):
        """Active people who log consultations and carry cases, in the order of their names."""
        return self.filter(is_active=True, role__in=(Role.STAFF, Role.MANAGER)).order_by("full_name", "username")


class PortalUserManager(UserManager.from_queryset(UserQuerySet)):
    """Makes accounts; a superuser made from the command line is an administrator of the portal."""

    def create_superuser(self, username, email=None, password=None, **extra_fields):
        """Create an account with role ``admin``, which alone may enter ``/quan-tri/``."""
        extra_fields["role"] = Role.ADMIN
        return super().create_superuser(username, email, password, **extra_fields)


class User(AbstractUser):
    """One person who signs in.

    ``role`` decides what the person may do; ``is_staff`` (Django's word for "may enter the admin site")
    is true for administrators only, and a constraint holds the two together.
    """

    first_name = None
    last_name = None
    full_name = models.CharField(_("Họ tên"), max_length=150, blank=True)
    phone = models.CharField(_("Điện thoại"), max_length=20, blank=True)
    role = models.CharField(_("Vai trò"), max_length=12, choices=Role.choices, default=Role.COOPERATIVE)
    is_demo = models.BooleanField(
        _("Tài khoản mẫu"), default=False, help_text=_("Chỉ đăng nhập được khi chạy chế độ dữ liệu mẫu.")
    )
    language = models.CharField(_("Ngôn ngữ nhận thư"), max_length=5, default="vi")

    objects = PortalUserManager()
    REQUIRED_FIELDS = []

    class Meta:
        verbose_name = _("tài khoản")
        verbose_name_plural = _("tài khoản")
        constraints = [
            models.CheckConstraint(
                condition=Q(role=Role.ADMIN, is_staff=True) | (~Q(role=Role.ADMIN) & Q(is_staff=False)),
                name="accounts_only_admins_enter_the_admin_site",
                violation_error_message=_("Chỉ vai trò Quản trị được vào trang quản trị."),
            ),
        ]

    def __str__(self):
        return self.full_name or self.username

    @property
    def may_work(self) -> bool:
        """Whether the person may record: log consultations, open cases, take steps, edit the register."""
        return self.role in (Role.STAFF, Role.ADMIN)

    @property
    def may_review(self) -> bool:
        """Whether the person sees every cooperative, every case and the reports."""
        return self.role in (Role.STAFF, Role.MANAGER, Role.ADMIN)

    @property
    def may_lead(self) -> bool:
        """Whether the person answers for the figures: closes periods, plans years, estimates running periods."""
        return self.role in (Role.MANAGER, Role.ADMIN)

    def get_full_name(self):
        """The name as written in Vietnamese order, or the user name."""
        return str(self)

    def get_short_name(self):
        """The given name, which in Vietnamese is the last word."""
        return str(self).split()[-1] if str(self) else ""


class Membership(models.Model):
    """One person may act for one cooperative; several people per cooperative are normal."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("tài khoản"))
    cooperative = models.ForeignKey(
        "cooperatives.Cooperative",
        on_delete=models.CASCADE,
        related_name="memberships",
        verbose_name=_("HTX"),
    )
    since = models.DateField(_("Từ ngày"))

    class Meta:
        verbose_name = _("người của HTX")
        verbose_name_plural = _("người của HTX")
        constraints = [
            models.UniqueConstraint(fields=["user", "cooperative"], name="accounts_one_membership_per_pair"),
        ]

    def __str__(self):
        return f"{self.user} – {self.cooperative}"

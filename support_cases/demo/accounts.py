"""The demo accounts; they can sign in only while DEMO is on."""

from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext as _

from cooperatives.errors import RuleError
from htx_portal.accounts.models import Role, User

PASSWORD = "htx-demo-2023"  # noqa: S105 printed in the README, and worth nothing outside of a demo
ACCOUNTS = (
    ("canbo", "Cán bộ mẫu", Role.STAFF, "0900000001"),
    ("canbo2", "Cán bộ mẫu Hai", Role.STAFF, "0900000002"),
    ("canbo3", "Cán bộ mẫu Ba", Role.STAFF, "0900000003"),
    ("lanhdao", "Lãnh đạo mẫu", Role.MANAGER, "0900000004"),
    ("htx", "Người của HTX mẫu", Role.COOPERATIVE, ""),
    ("quantri", "Quản trị mẫu", Role.ADMIN, ""),
)


class DemoRefused(RuleError):
    """The demo set cannot be loaded here; nothing was written."""


def make_accounts() -> dict[str, User]:
    """Make the demo accounts that are missing and return all of them by user name.

    Raises:
        DemoRefused: when a real account bears one of the names, for it must not get a known password.
        IntegrityError: when another run makes them at this moment.
    """
    names = [name for name, *_rest in ACCOUNTS]
    present = {user.username: user for user in User.objects.filter(username__in=names)}
    real = [name for name, user in present.items() if not user.is_demo]
    if real:
        raise DemoRefused(
            _("Đã có tài khoản thật trùng tên tài khoản mẫu: %(names)s.") % {"names": ", ".join(sorted(real))}
        )
    # Hashing is slow on purpose; the password is known to everybody, so one hash serves all of them.
    password = make_password(PASSWORD)
    for name, full_name, role, phone in ACCOUNTS:
        if name not in present:
            present[name] = User.objects.create(
                username=name,
                full_name=full_name,
                email=f"{name}@htx.example",
                phone=phone,
                role=role,
                password=password,
                is_staff=role == Role.ADMIN,
                is_superuser=role == Role.ADMIN,
                is_demo=True,
            )
    return present

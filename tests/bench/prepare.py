"""Inside the portal's settings: tables, rows and accounts of a benchmark, and what its requests can ask for.

`python -m tests.bench.prepare COOPERATIVES CONSULTATIONS`, on an empty database; prints the facts as JSON.
"""

import json
import os
import sys
from dataclasses import asdict

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import Count  # noqa: E402
from django.db.models.functions import TruncMonth  # noqa: E402
from rest_framework.authtoken.models import Token  # noqa: E402

from cooperatives.models import Cooperative  # noqa: E402
from cooperatives.text import search_terms  # noqa: E402
from htx_portal.accounts.models import Role, User  # noqa: E402
from support_cases.models import Case, Consultation  # noqa: E402
from tests.bench.facts import VARIANTS, Facts  # noqa: E402

SEED = 1


def main(cooperatives: int, consultations: int) -> None:
    """Fill the database, make accounts, sessions and a token, look for what can be asked for, and print it."""
    if not settings.STATIC_ROOT.exists():
        call_command("collectstatic", interactive=False, verbosity=0)
    call_command("migrate", verbosity=0)
    call_command("seed_scale", cooperatives=cooperatives, consultations=consultations, seed=SEED, verbosity=0)
    staff, manager = _account("bench-staff", Role.STAFF), _account("bench-manager", Role.MANAGER)
    facts = Facts(
        staff_session=_session(staff),
        manager_session=_session(manager),
        token=Token.objects.get_or_create(user=staff)[0].key,
        cooperatives=[row.pk for row in _spread(Cooperative.objects.order_by("pk"))],
        receipts=[(case.reference, case.secret) for case in _spread(Case.objects.open().order_by("pk"))],
        searches=[" ".join(search_terms(row.name)[:2]) for row in _spread(Cooperative.objects.order_by("-pk"))],
        busiest=_busiest(),
        first_month=f"{Consultation.objects.order_by('held_on').first().held_on:%Y-%m}",
    )
    if connection.vendor == "postgresql":
        # What autovacuum would have done by the next day.
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    print(json.dumps(asdict(facts)))


def _account(username: str, role: str) -> User:
    return User.objects.get_or_create(username=username, defaults={"role": role, "full_name": username})[0]


def _session(user: User) -> str:
    """Sign a person in without a password and return the key of the session."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return session.session_key


def _spread(rows) -> list:
    """Return rows spread evenly over all of them."""
    step = max(rows.count() // VARIANTS, 1)
    return list(rows[: step * VARIANTS : step])


def _busiest() -> list[tuple[str, str, str]]:
    """Return the (topic, month, channel) with most entries, each month once, so that their list fills a page."""
    groups = (
        Consultation.objects.annotate(month=TruncMonth("held_on"))
        .values_list("topics__topic", "month", "channel")
        .annotate(n=Count("pk"))
        .order_by("-n", "month")
    )
    first = {month: (topic, f"{month:%Y-%m}", channel) for topic, month, channel, _n in reversed(groups[:400])}
    return list(reversed(first.values()))[:VARIANTS]


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

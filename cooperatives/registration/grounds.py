"""What the registrar refuses before looking at any paper."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from cooperatives.choices import LegalStatus
from cooperatives.errors import Words
from cooperatives.models import Cooperative, LegalRule, RegisteredFact
from cooperatives.registration.facts import fact_on
from cooperatives.registration.notices import pending_notice

#: Code of the ground that is no legal status: a notice of violation that has not been settled.
VIOLATION = "violation"
_RULES = "registrar.refuses."
_LABELS = dict(LegalStatus.choices)


@dataclass(frozen=True)
class Ground:
    """One ground of refusal: its code (a legal status or ``violation``) and its sentence with the article."""

    code: str
    words: Words


def refusal_grounds(cooperative: Cooperative, day: date, law_day: date) -> list[Ground]:
    """Return on which grounds the registrar refuses papers of ``cooperative`` handed in on ``day``.

    Which grounds there are is said by the rules ``registrar.refuses.<code>`` in force on ``law_day``.
    """
    rules = {
        rule.key.removeprefix(_RULES): rule
        for rule in LegalRule.objects.in_force(law_day).filter(key__startswith=_RULES)
    }
    if not rules:
        return []
    found = []
    status = fact_on(cooperative, RegisteredFact.LEGAL_STATUS, day)
    if status in rules:
        words = _("HTX “%(status)s”: cơ quan đăng ký từ chối hồ sơ (%(source)s).")
        found.append(Ground(status, words % {"status": _LABELS[status], "source": _cited(rules[status])}))
    notice = pending_notice(cooperative, day) if VIOLATION in rules else None
    if notice:
        words = _("HTX có thông báo vi phạm ngày %(day)s chưa khắc phục: cơ quan đăng ký từ chối hồ sơ (%(source)s).")
        found.append(
            Ground(VIOLATION, words % {"day": f"{notice.noticed_on:%d/%m/%Y}", "source": _cited(rules[VIOLATION])})
        )
    return found


def _cited(rule: LegalRule) -> str:
    return ", ".join(part for part in (rule.legal_document, rule.article) if part) or rule.key

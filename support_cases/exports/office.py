"""What the office calls itself on a document: rows of the rules in force on a day, never a person's name."""

from dataclasses import dataclass
from datetime import date

from cooperatives.models import LegalRule

_KEYS = "report."


@dataclass(frozen=True)
class Office:
    """The words of a document; empty where no rule says them. A stroke in a text parts lines."""

    superior_body: str = ""
    issuing_body: str = ""
    code: str = ""
    place: str = ""
    addressee: str = ""
    signer_authority: str = ""
    signer_title: str = ""
    recipients: str = ""

    @property
    def name(self) -> str:
        """The issuing body in a sentence."""
        return self.issuing_body.replace("|", " ")


def office_on(day: date) -> Office:
    """Return the words in force on ``day``; one query."""
    keys = {f"{_KEYS}{name}": name for name in Office.__dataclass_fields__}
    rows = LegalRule.objects.in_force(day).filter(key__in=keys).order_by("valid_from").values_list("key", "value")
    return Office(**{keys[key]: value.strip() for key, value in rows})

"""What the rules say when they refuse: words for a person, no word of HTTP."""

from collections.abc import Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# A sentence for a person; a promise of one becomes text in the language of whoever reads it.
Words = str | Promise
# The key under which a message stands that belongs to no single field.
WHOLE = "__all__"


class RuleError(Exception):
    """A rule refuses what was asked; nothing was written."""


class InvalidEntry(RuleError):
    """What was typed cannot be right; ``problems`` maps field names to lists of messages."""

    def __init__(self, problems: Mapping[str, Sequence[Words]]) -> None:
        self.problems = {field: list(messages) for field, messages in problems.items()}
        super().__init__("; ".join(str(m) for messages in self.problems.values() for m in messages))


class NotAllowedNow(RuleError):
    """What was asked is well formed but does not fit the present state; ``problems`` says why, in words."""

    def __init__(self, problems: Sequence[Words], detail: Words = "") -> None:
        self.problems = [str(problem) for problem in problems]
        self.detail = detail or _("Chưa thực hiện được với trạng thái hiện tại.")
        super().__init__("; ".join(self.problems))


class StaleVersion(NotAllowedNow):
    """Somebody else changed the row since it was read."""

    def __init__(self) -> None:
        super().__init__([_("Hồ sơ vừa được người khác cập nhật. Hãy tải lại trang rồi làm tiếp.")])

"""The entries of a period as lines of a file: typed days, words in the language of the reader."""

from collections.abc import Iterator

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from cooperatives.models import AdminUnit
from support_cases.choices import Channel, Outcome
from support_cases.models import Consultation
from support_cases.reports.answers import Answer
from support_cases.reports.behind import entries_to_write, topics_in_words
from support_cases.reports.kinds import Names
from support_cases.reports.tables import Column, Shape, Value

#: Entries one file holds; the rest is cut and the file says so.
MOST_ENTRIES = 200_000
#: Code of the list of entries, beside the codes of the tables.
ENTRIES = "entries"
_CHUNK = 1_000


def entry_columns() -> tuple[Column, ...]:
    """Return the columns of a line."""
    text, day = Shape.TEXT, Shape.DAY
    return (
        Column("held_on", _("Ngày tư vấn"), day),
        Column("recorded_on", _("Ngày ghi"), day),
        Column("party", _("HTX, nhóm sáng lập"), text),
        Column("tax_code", _("Mã số thuế"), text),
        Column("district", _("Địa bàn huyện cũ"), text),
        Column("commune", _("Xã mới"), text),
        Column("topics", _("Nội dung"), text),
        Column("channel", _("Hình thức"), text),
        Column("outcome", _("Kết quả"), text),
        Column("officer", _("Cán bộ"), text),
        Column("counted", _("Tính lượt"), text),
        Column("follow_up", _("Hẹn tiếp"), day),
    )


def entry_lines(found: Answer, most: int = MOST_ENTRIES) -> Iterator[tuple[Value, ...]]:
    """Yield one line for each entry of the answer's period as its basis knew it, read in chunks."""
    words = _Words(found.names)
    for chunk in _chunks(found, most):
        words.learn(chunk)
        for row in chunk:
            yield words.line(row)


def _chunks(found: Answer, most: int) -> Iterator[list[Consultation]]:
    """Yield the entries in order, each chunk by a question of its own.

    One question for all would keep SQLite's view of the database open, and whoever has an old view may not write:
    the progress of the file could not be noted.
    """
    rows = entries_to_write(found.period, found.basis.moment)
    after, left = Q(), most
    while chunk := list(rows.filter(after)[: min(_CHUNK, left)]):
        yield chunk
        left -= len(chunk)
        if left <= 0 or len(chunk) < _CHUNK:
            return
        last = chunk[-1]
        after = Q(held_on__gte=last.held_on) & (Q(held_on__gt=last.held_on) | Q(pk__gt=last.pk))


def count_entries(found: Answer, most: int = MOST_ENTRIES) -> int:
    """Return how many entries the period has, founding groups included, counting up to one more than ``most``."""
    return entries_to_write(found.period, found.basis.moment).order_by()[: most + 1].count()


def cut_words(most: int = MOST_ENTRIES) -> str:
    """Return what a file says where it was cut."""
    return _("Tệp chỉ ghi %(most)s lần tư vấn đầu tiên của kỳ; hãy chọn kỳ ngắn hơn để có đủ.") % {"most": most}


class _Words:
    """Labels in the language of the reader, each looked up once: asked per row they cost more than the file."""

    def __init__(self, names: Names):
        self.channels = {value: str(label) for value, label in Channel.choices}
        self.outcomes = {value: str(label) for value, label in Outcome.choices}
        self.yes, self.no = _("có"), _("không")
        self.names = names
        self._units: dict[int, str] = {}
        self._officers: dict[str, str] = {}
        self._topics: dict[str | None, str] = {}

    def learn(self, rows: list[Consultation]) -> None:
        """Look up what the units and officers of ``rows`` are called, or were when the period was closed."""
        places = {place for row in rows for place in (row.district_known, row.commune_known) if place}
        missing = AdminUnit.objects.filter(pk__in=places - self._units.keys())
        called = self.names.units({str(unit.pk): unit.full_name for unit in missing}) if places else {}
        self._units.update({int(key): name for key, name in called.items()})
        people = {str(row.officer_id) for row in rows} - self._officers.keys()
        if people:
            self._officers.update(self.names.officers(people))

    def line(self, row) -> tuple[Value, ...]:
        """Return the values of one entry in the order of the columns."""
        return (
            row.held_on,
            timezone.localdate(row.recorded_at),
            row.party_known,
            row.tax_code_known or None,
            self._units.get(row.district_known),
            self._units.get(row.commune_known),
            self.topics(row.topic_list),
            self.channels.get(row.channel, row.channel),
            self.outcomes.get(row.outcome, row.outcome),
            self._officers[str(row.officer_id)],
            self.yes if row.cooperative_id else self.no,
            row.follow_up_day,
        )

    def topics(self, topic_list: str | None) -> str:
        """Return the labels of joined topics."""
        if topic_list not in self._topics:
            self._topics[topic_list] = "; ".join(topics_in_words(topic_list))
        return self._topics[topic_list]

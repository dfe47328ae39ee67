"""The meeting of a case held against the law: who must attend, by when, by how many votes, and what was missed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from cooperatives.choices import CongressKind
from cooperatives.errors import Words
from cooperatives.governance import congress_rules as rules
from cooperatives.governance.lawbook import Deadline, Lawbook
from support_cases.support_types.base import Hint

_BY_CALLS = (2, rules.LAST_CALL)


def say(day: date) -> str:
    """Return a day as it is written in a sentence."""
    return f"{day:%d/%m/%Y}"


def say_both(end: Deadline) -> str:
    """Return a deadline, and where that is a day off the day it is really over."""
    if end.ends_on == end.last_day:
        return say(end.last_day)
    return _("%(end)s (là ngày nghỉ, tính đến hết %(last)s)") % {"end": say(end.ends_on), "last": say(end.last_day)}


@dataclass(frozen=True)
class Meeting:
    """The details of a case, the law it is pinned on, and all dated law for years that ended under another one."""

    details: object
    book: Lawbook
    law: Lawbook
    year_end_month: int

    @staticmethod
    def law_of_meetings() -> Lawbook:
        """Return the dated law meetings are held against; two queries."""
        return Lawbook.read("congress.", "change.")

    @classmethod
    def of(cls, case, law: Lawbook | None = None) -> "Meeting":
        """Return the meeting of a case; ``law`` is read here where it was not read for many cases before."""
        law = law or cls.law_of_meetings()
        month = case.cooperative.fiscal_year_end_month if case.cooperative else 12
        details = case.details or case.kind.details(case=case)
        return cls(details, law.pinned(case.event_on), law, month)

    @property
    def day(self) -> date | None:
        """The day it was held, else the day it is planned for."""
        return self.details.held_on or self.details.planned_on

    @property
    def quorum(self) -> rules.Quorum:
        """How many must attend this call, and whether they did."""
        row = self.details
        percent = rules.quorum_percent(self.book, row.call_no, self.day or date.min)
        return rules.quorum(percent, row.official_members, row.present, row.delegates_invited)

    @property
    def is_yearly(self) -> bool:
        """Whether it is the meeting about a financial year."""
        return self.details.congress_kind == CongressKind.ANNUAL or self.details.fiscal_year is not None

    @property
    def year_end(self) -> date | None:
        """The end of the financial year it is about: the one named, else the last before the meeting."""
        if self.details.fiscal_year:
            return rules.year_end(self.year_end_month, self.details.fiscal_year)
        return rules.last_year_end(self.year_end_month, self.day) if self.day else None

    @property
    def annual_deadline(self) -> Deadline | None:
        """By when the members had to meet about that year."""
        return rules.annual_deadline(self.law, self.year_end) if self.is_yearly and self.year_end else None

    @property
    def call_deadline(self) -> Deadline | None:
        """By when this call had to be held after the one before, where it is a second or third call."""
        row = self.details
        if row.call_no not in _BY_CALLS or row.previous_call_on is None:
            return None
        return rules.next_call_by(self.book, row.call_no - 1, row.previous_call_on)

    @property
    def next_call(self) -> Deadline | None:
        """By when the members must be called again after this call failed."""
        row = self.details
        failed = row.held_on is not None and self.quorum.met is False
        return rules.next_call_by(self.book, row.call_no, row.held_on) if failed else None

    @property
    def notice_due(self) -> date | None:
        """The last day to send the notice of a meeting that is planned and not yet called."""
        row = self.details
        waiting = row.planned_on is not None and row.notice_on is None and row.held_on is None
        return rules.last_notice_day(self.book, row.planned_on) if waiting else None

    @property
    def votes_needed(self) -> int | None:
        """How many votes a change of the charter needs, of those present."""
        row = self.details
        if not row.changes_charter or row.present is None:
            return None
        return rules.votes_needed(self.book, row.present, self.day or date.min, special=True)

    @property
    def term_starts_on(self) -> date | None:
        """The first day of the new term: the day named, else the day of the meeting."""
        return self.details.term_from or self.details.held_on

    # --- What speaks against it --------------------------------------------------------------------

    def warnings(self) -> list[Words]:
        """Return everything the law would have had otherwise, in words."""
        return [*self.warnings_of_notice(), *self.warnings_of_the_meeting(), *self._of_time(), *self._of_term()]

    def warnings_of_notice(self) -> Iterator[Words]:
        """Yield that the notice went out too late."""
        row = self.details
        last = rules.last_notice_day(self.book, self.day) if self.day and row.notice_on else None
        if last is not None and row.notice_on > last:
            yield _("Giấy mời gửi ngày %(sent)s là muộn: chậm nhất phải gửi ngày %(last)s.") % {
                "sent": say(row.notice_on),
                "last": say(last),
            }

    def warnings_of_the_meeting(self) -> Iterator[Words]:
        """Yield what makes the meeting itself doubtful: too few people, calls out of order, too few votes."""
        row, quorum = self.details, self.quorum
        if row.held_on and quorum.met is False:
            words = _("Không đủ số người dự để họp lần thứ %(call)s: cần %(needed)s, có %(present)s.")
            yield words % {"call": row.call_no, "needed": quorum.needed, "present": row.present}
        if row.call_no in _BY_CALLS and row.previous_call_on is None:
            yield _("Đây là lần triệu tập thứ %(call)s nhưng chưa ghi ngày họp lần trước.") % {"call": row.call_no}
        if self.call_deadline and self.day and self.day > self.call_deadline.last_day:
            words = _("Lần triệu tập thứ %(call)s phải họp chậm nhất %(end)s.")
            yield words % {"call": row.call_no, "end": say_both(self.call_deadline)}
        if self.votes_needed is not None and row.votes_for is not None and row.votes_for < self.votes_needed:
            words = _("Sửa điều lệ cần ít nhất %(needed)s phiếu tán thành, biên bản ghi %(votes)s.")
            yield words % {"needed": self.votes_needed, "votes": row.votes_for}
        yield from self._of_delegates()

    def _of_delegates(self) -> Iterator[Words]:
        """Yield that the cooperative is too small for delegates, or sent too few."""
        row = self.details
        if not row.delegates_invited or row.official_members is None:
            return
        day = self.day or date.min
        if rules.may_send_delegates(self.book, row.official_members, day) is False:
            least = self.book.number("congress.delegates_from_members", day)
            yield _("HTX dưới %(least)s thành viên chính thức không họp đại hội đại biểu.") % {"least": least}
            return
        needed = rules.delegates_needed(self.book, row.official_members, day)
        if needed is not None and row.delegates_invited < needed:
            words = _("HTX có %(members)s thành viên phải có ít nhất %(needed)s đại biểu, đang mời %(invited)s.")
            people = {"members": row.official_members, "needed": needed, "invited": row.delegates_invited}
            yield words % people

    def _of_time(self) -> Iterator[Words]:
        """Yield that the meeting lies outside its window."""
        row, end = self.details, self.annual_deadline
        if row.held_on and end and not self.year_end < row.held_on <= end.ends_on:
            words = _("Đại hội về năm tài chính kết thúc %(year)s phải họp sau ngày đó và chậm nhất %(end)s.")
            yield words % {"year": say(self.year_end), "end": say_both(end)}
        asked = rules.extraordinary_by(self.book, row.request_on) if row.request_on else None
        if asked and self.day and self.day > asked.last_day:
            words = _("Đại hội bất thường phải triệu tập chậm nhất %(end)s, kể từ yêu cầu ngày %(day)s.")
            yield words % {"end": say_both(asked), "day": say(row.request_on)}

    def _of_term(self) -> Iterator[Words]:
        """Yield that the new term is longer or shorter than the law allows."""
        years, day = self.details.term_years, self.day or date.min
        if years is None:
            return
        most = self.book.number("congress.term_max_years", day)
        if most is not None and years > most:
            yield _("Nhiệm kỳ %(years)s năm dài hơn mức %(most)s năm của luật.") % {"years": years, "most": most}
        least = self.book.number("congress.term_min_years", day)
        if least is not None and years < least:
            yield _("Nhiệm kỳ %(years)s năm ngắn hơn mức %(least)s năm của luật.") % {"years": years, "least": least}

    # --- What leads an officer ---------------------------------------------------------------------

    def guidance(self) -> Iterator[Hint]:
        """Yield what to do next and by when, with its source."""
        row, quorum = self.details, self.quorum
        if self.day is None:
            yield Hint(_("Chưa ghi ngày dự kiến họp: ghi vào để cổng tính hạn gửi giấy mời và số người phải dự."))
            return
        last = rules.last_notice_day(self.book, self.day)
        if last is not None and row.held_on is None:
            yield self._hint("congress.notice_days", _("Gửi giấy mời chậm nhất ngày %(day)s.") % {"day": say(last)})
        if quorum.needed is not None:
            words = _("Lần triệu tập thứ %(call)s phải có ít nhất %(needed)s người dự.")
            key = f"congress.quorum_pct_call_{row.call_no}"
            yield self._hint(key, words % {"call": row.call_no, "needed": quorum.needed})
        elif row.official_members is None:
            yield Hint(_("Ghi số thành viên chính thức để biết bao nhiêu người phải dự."))
        yield from self._hints_of_days()
        yield from self._hints_after()

    def _hints_of_days(self) -> Iterator[Hint]:
        """Yield by when the meeting must be held."""
        if self.annual_deadline:
            words = _("Họp đại hội thường niên chậm nhất %(end)s.") % {"end": say_both(self.annual_deadline)}
            yield self._hint("congress.annual_months", words)
        if self.call_deadline:
            words = _("Lần triệu tập này phải họp chậm nhất %(end)s.") % {"end": say_both(self.call_deadline)}
            yield self._hint("congress.second_call_days", words)
        if self.next_call:
            words = _("Cuộc họp không đủ người nên chưa có giá trị: triệu tập lần thứ %(call)s chậm nhất %(end)s.")
            end = {"call": self.details.call_no + 1, "end": say_both(self.next_call)}
            yield self._hint("congress.second_call_days", words % end, tone="bad")
        if self.votes_needed is not None:
            words = _("Sửa điều lệ cần ít nhất %(needed)s phiếu tán thành của người dự.")
            yield self._hint("congress.special_majority_pct", words % {"needed": self.votes_needed})
        if self._under_another_law():
            words = _("Ngày họp thuộc thời kỳ luật khác với luật đang áp dụng cho hồ sơ: xem lại căn cứ pháp lý.")
            yield Hint(words, tone="warn")

    def _hints_after(self) -> Iterator[Hint]:
        """Yield what becomes of the register when the case is completed."""
        row = self.details
        if row.held_on is None:
            yield Hint(_("Chưa ghi kết quả đại hội nên khi hoàn thành sổ đăng ký không thay đổi."))
            return
        if row.congress_kind == CongressKind.TERM and row.term_years is None:
            yield Hint(_("Chưa ghi số năm nhiệm kỳ nên khi hoàn thành sổ chưa mở nhiệm kỳ mới."), tone="warn")
        yield from self._hints_to_register()

    def _hints_to_register(self) -> Iterator[Hint]:
        """Yield by when what was decided is registered or notified."""
        row = self.details
        registered = row.changes_representative or row.changes_name_or_address or row.changes_capital
        notified = row.changes_lines or row.changes_tax_info or row.changes_charter
        for key, needed, words in (
            ("change.register_days", registered, _("Đăng ký thay đổi chậm nhất %(end)s.")),
            ("change.notify_days", notified, _("Thông báo thay đổi cho cơ quan đăng ký chậm nhất %(end)s.")),
        ):
            days = self.book.number(key, row.held_on)
            if needed and days is not None:
                end = say_both(self.book.after_days(row.held_on, days))
                yield self._hint(key, words % {"end": end})
        if registered or row.changes_lines or row.changes_tax_info:
            yield Hint(_("Hoàn thành hồ sơ này thì cổng mở các hồ sơ đăng ký, thông báo tiếp theo."))

    def _under_another_law(self) -> bool:
        """Whether the law of the day of the meeting differs from the one the case is pinned on."""
        keys = [key for key in self.book.rules if key.startswith("congress.quorum")]
        return any(self.book.rule(key, self.day) != self.law.rule(key, self.day) for key in keys)

    def _hint(self, key: str, text: Words, tone: str = "info") -> Hint:
        """Return a hint with the document and article of the rule it stands on."""
        rule = self.book.rule(key, self.day or date.min)
        source = ", ".join(part for part in (rule.legal_document, rule.article) if part) if rule else ""
        return Hint(text, tone=tone, source=source)

    def facts(self) -> Iterator[tuple[Words, Words]]:
        """Yield what was computed, for the office."""
        row, quorum = self.details, self.quorum
        if quorum.needed is not None and row.present is not None:
            words = _("cần %(needed)s, có %(present)s") % {"needed": quorum.needed, "present": row.present}
            yield _("Số người dự"), words
        if self.annual_deadline:
            yield _("Hạn họp thường niên"), say_both(self.annual_deadline)
        if self.term_starts_on and row.term_years:
            last = rules.term_last_day(self.term_starts_on, row.term_years)
            yield _("Nhiệm kỳ mới"), f"{say(self.term_starts_on)} – {say(last)}"
        if self.next_call:
            yield _("Hạn triệu tập lần sau"), say_both(self.next_call)

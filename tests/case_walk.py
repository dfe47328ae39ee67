"""Walking one case from its opening to its end at a browser, the way staff do, and reading it as the public does."""

from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from cooperatives.models import Cooperative, FoundingGroup
from tests.browsing import Person


class CaseWalk:
    """One case in the hands of one member of staff, who has signed in."""

    def __init__(self, staff: Person) -> None:
        self.staff = staff
        self.page = staff.page
        self.reference = ""
        self.secret = ""

    def open(self, topic: str, party: Cooperative | FoundingGroup, title: str, **typed: str) -> "CaseWalk":
        """Open a case of ``topic`` from the page of its party; ``typed`` fills fields by their name, selects too."""
        kind = "htx" if isinstance(party, Cooperative) else "nhom"
        self.page.goto(f"/ho-so/moi/?topic={topic}&{kind}={party.pk}")
        self.fill(title=title, **typed)
        self.page.locator("main form .form__actions button").click()
        expect(self.page.locator(".messages .notice--ok")).to_contain_text("Đã mở hồ sơ")
        self.reference = urlsplit(self.page.url).path.strip("/").split("/")[-1]
        self.secret = self.page.locator("dd.code").inner_text()
        return self

    def fill(self, **typed: str) -> None:
        """Fill fields of the form that is open, by their name; a select is given a value, a tick ``on``."""
        for name, value in typed.items():
            field = self.page.locator(f"main form [name={name}]")
            kind = field.first.evaluate("(node) => node.type")
            if kind.startswith("select"):
                field.select_option(value)
            elif kind == "checkbox":
                field.check()
            elif kind == "radio":
                self.page.locator(f"main form [name={name}][value='{value}']").check()
            else:
                field.fill(value)

    def look(self) -> Page:
        """Go to the page of the case."""
        self.page.goto(f"/ho-so/{self.reference}/")
        return self.page

    def change(self, **typed: str) -> None:
        """Write on the case by its edit page."""
        self.page.goto(f"/ho-so/{self.reference}/sua/")
        self.fill(**typed)
        self.page.locator("main form .form__actions button").click()
        expect(self.page.locator(".messages .notice--ok")).to_be_visible()

    def papers_in(self) -> None:
        """Tick every paper of the case and save."""
        self.look()
        for box in self.page.locator("[name=received]").all():
            box.check()
        self.page.get_by_role("button", name="Lưu giấy tờ").click()
        expect(self.page.locator(".messages .notice--ok")).to_be_visible()

    def press(self, step: str, note: str = "") -> None:
        """Take the step with this label, with a remark where one is given; it must be taken."""
        self._press(step, note)
        expect(self.page.locator(".messages .notice--ok")).to_be_visible()

    def refused(self, step: str, note: str = "") -> list[str]:
        """Press a step that cannot be taken and return the reasons the page gives."""
        heard = len(self.staff.complaints)
        self._press(step, note)
        notice = self.page.locator(".notice--bad li")
        expect(notice.first).to_be_visible()
        # The browser complains of the 409 that was asked for, and of nothing else.
        assert all("409" in complaint for complaint in self.staff.complaints[heard:])
        del self.staff.complaints[heard:]
        return notice.all_inner_texts()

    def _press(self, step: str, note: str) -> None:
        self.look()
        button = self.page.locator("#buoc").get_by_role("button", name=step, exact=True)
        if not button.is_visible():
            self.page.locator("#buoc summary").click()
            self.page.locator("[name=reason]").fill(note)
        elif note:
            self.page.locator("[name=note]").fill(note)
        button.click()

    def public_words(self, page: Page) -> str:
        """Return what somebody without an account reads on the look-up page with both codes of the receipt."""
        page.goto("/tra-cuu/")
        page.locator("[name=code]").fill(self.reference)
        page.locator("[name=secret]").fill(self.secret)
        page.get_by_role("button", name="Tra cứu").click()
        expect(page.locator("h1")).to_contain_text(self.reference)
        return page.locator("main").inner_text()

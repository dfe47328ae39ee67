"""The three jobs in a real Chromium: an officer logs, a cooperative looks up, a manager reads 108.

On the demo set, over a live server; with JavaScript, without it, and by keyboard alone.
"""

import re
from contextlib import suppress

import pytest

from support_cases.demo.accounts import PASSWORD
from support_cases.models import Case, Consultation

with suppress(ModuleNotFoundError):  # the browser's own lock file may not be installed; then every test skips
    from playwright.sync_api import expect

    from tests.browsing import DESK, PHONE, Person

pytestmark = pytest.mark.browser

COOPERATIVE = "Hợp tác xã Nông nghiệp Đồng Phúc Mẫu"
QUESTION = "HTX hỏi cách đưa bí xanh thơm tham gia OCOP."
# Controls of the main part that no label, no name and no text speaks for.
NAMELESS = """() => [...document.querySelectorAll("main input, main select, main textarea, main button")]
  .filter((node) => node.type !== "hidden" && !node.hidden && !(node.labels && node.labels.length)
    && !node.getAttribute("aria-label") && !node.textContent.trim())
  .map((node) => node.outerHTML.slice(0, 120))"""
RECEIPT = {"code": ".receipt__code >> nth=0", "secret": ".receipt__code >> nth=1"}


@pytest.fixture(scope="module")
def db(demo_set):
    """The demo set, under the name by which pytest-django knows that a database must be made."""


def read_receipt(page):
    """The code and the secret printed on the receipt that is open."""
    return {name: page.locator(selector).inner_text() for name, selector in RECEIPT.items()}


def open_receipt(page):
    """Go from the entry just recorded to the receipt of the case it opened."""
    expect(page.locator(".messages .notice--ok")).to_have_text("Đã ghi lần tư vấn.")
    page.get_by_role("link", name="In phiếu").click()
    expect(page.locator(".receipt")).to_be_visible()
    return read_receipt(page)


@pytest.fixture(scope="module")
def codes(browser, site):
    """Both codes, read from the receipt of a case that an officer opened with an entry."""
    staff = Person(browser, site, PHONE)
    staff.sign_in("canbo", PASSWORD)
    TestStaffOnAPhone().log(staff.page)
    found = open_receipt(staff.page)
    staff.leave()
    return found


def last_entry():
    """The entry recorded last, with its cooperative."""
    return Consultation.objects.select_related("cooperative", "officer").order_by("-pk").first()


def assert_public(page, codes):
    """The page tells where the case stands and names nobody."""
    text = page.locator("body").inner_text()
    assert codes["code"] in text
    assert "Đã tiếp nhận yêu cầu" in text
    assert "Cán bộ của tổ công tác sẽ liên hệ với HTX." in text
    case = Case.objects.select_related("cooperative", "officer").get(reference=codes["code"])
    private = (
        case.cooperative.name,
        case.cooperative.representative,
        case.cooperative.phone,
        case.cooperative.tax_code,
        case.officer.full_name,
        case.officer.phone,
        case.title,
        case.secret,
        QUESTION,
    )
    markup = page.content()
    assert [words for words in private if words and (words in text or words in markup)] == []


class TestStaffOnAPhone:
    """Job 1: log a consultation, on a screen of 360 pixels."""

    def log(self, page):
        """Fill in the form as an officer does, by type-ahead and taps, and open a case along with it."""
        page.locator("details.menu--phone summary").tap()
        page.locator("details.menu--phone").get_by_role("link", name="Ghi tư vấn").tap()
        box = page.get_by_role("combobox", name="Tìm HTX, nhóm sáng lập")
        box.press_sequentially("nong nghiep dong phuc")
        expect(page.get_by_role("option").first).to_contain_text(COOPERATIVE)
        box.press("ArrowDown")
        box.press("Enter")
        expect(box).to_have_value(COOPERATIVE)
        page.locator("[name=topics][value=ocop]").tap()
        page.locator("[name=channel][value=visit]").tap()
        page.locator("[name=question]").fill(QUESTION)
        page.locator("[name=outcome][value=follow_up]").tap()
        page.locator("[data-fill-date=follow_up_on]").first.tap()
        page.get_by_text("Mở hồ sơ mới cùng lần này").tap()
        page.locator("[name=open_topics][value=ocop]").tap()
        page.get_by_role("button", name="Ghi lần tư vấn").tap()

    def test_logs_with_type_ahead_and_taps_opens_a_case_and_prints_its_receipt(self, person):
        staff = person(PHONE)
        staff.sign_in("canbo", PASSWORD)
        before = Consultation.objects.count()
        self.log(staff.page)
        codes = open_receipt(staff.page)
        assert re.fullmatch(r"TCT-\d{6}-\d{4}", codes["code"])
        assert re.fullmatch(r"[2-9A-HJKMNP-Z]{10}", codes["secret"])
        assert Consultation.objects.count() == before + 1
        row = last_entry()
        assert (row.cooperative.name, row.question, row.officer.username) == (COOPERATIVE, QUESTION, "canbo")
        assert [case.reference for case in row.cases.all()] == [codes["code"]]
        assert row.follow_up.due_on > row.held_on
        self.print_receipt(staff.page)

    def print_receipt(self, page):
        """The receipt carries its square code, and paper gets the receipt without the frame of the site."""
        expect(page.locator("svg.qr")).to_be_visible()
        expect(page.get_by_role("button", name="In phiếu")).to_be_visible()
        page.emulate_media(media="print")
        expect(page.locator(".receipt")).to_be_visible()
        for frame in ("header.site", "footer.foot", "[data-print]"):
            expect(page.locator(frame)).to_be_hidden()

    def test_logs_without_javascript(self, person):
        staff = person(PHONE, java_script_enabled=False)
        staff.sign_in("canbo", PASSWORD)
        page = staff.page
        page.locator("details.menu--phone summary").tap()
        page.locator("details.menu--phone").get_by_role("link", name="Ghi tư vấn").tap()
        page.locator("[name=question]").fill(QUESTION)
        page.locator("[name=party_text]").fill("nong nghiep dong phuc")
        page.get_by_role("button", name="Tìm", exact=True).tap()
        expect(page.locator("[name=question]")).to_have_value(QUESTION)
        page.get_by_role("radio", name="Đồng Phúc Mẫu").check()
        page.locator("[name=topics][value=loan]").check()
        page.get_by_text("Mở hồ sơ mới cùng lần này").tap()
        page.locator("[name=open_topics][value=loan]").check()
        page.get_by_role("button", name="Ghi lần tư vấn").tap()
        codes = open_receipt(page)
        row = last_entry()
        assert (row.cooperative.name, row.question) == (COOPERATIVE, QUESTION)
        visitor = person(PHONE, java_script_enabled=False)
        TestAnybodyWithAReceipt().look_up(visitor.page, codes)
        assert_public(visitor.page, codes)

    def test_logs_by_keyboard_alone_and_always_sees_where_the_focus_is(self, person, site):
        staff = person(DESK)
        page, keys = staff.page, staff.page.keyboard
        page.goto("/accounts/login/")
        staff.tab_to("[name=username]")
        keys.type("canbo")
        staff.tab_to("[name=password]")
        keys.type(PASSWORD)
        keys.press("Enter")
        page.wait_for_url(f"{site}/")
        staff.tab_to('nav a[href="/tu-van/moi/"]')
        keys.press("Enter")
        page.wait_for_url("**/tu-van/moi/")
        staff.tab_to("[name=party_text]")
        keys.type("nong nghiep dong phuc")
        expect(page.get_by_role("option").first).to_contain_text(COOPERATIVE)
        keys.press("ArrowDown")
        keys.press("Enter")
        staff.tab_to("[name=topics][value=tax]")
        keys.press("Space")
        staff.tab_to("[name=question]")
        keys.type(QUESTION)
        staff.tab_to("details > summary")
        keys.press("Enter")
        staff.tab_to("[name=open_topics][value=tax]")
        keys.press("Space")
        staff.tab_to("main form .btn--primary")
        keys.press("Enter")
        expect(page.locator(".messages .notice--ok")).to_have_text("Đã ghi lần tư vấn.")
        assert last_entry().cooperative.name == COOPERATIVE


class TestComfortsOfTheForm:
    """Type-ahead, drafts and ticks: nothing old is recorded by mistake, nothing typed is lost."""

    def start(self, person):
        """An officer at the empty form."""
        staff = person(PHONE)
        staff.sign_in("canbo", PASSWORD)
        staff.page.goto("/tu-van/moi/")
        return staff.page

    def test_results_for_other_words_are_gone_at_once(self, person):
        page = self.start(person)
        box = page.get_by_role("combobox", name="Tìm HTX, nhóm sáng lập")
        box.press_sequentially("dong phuc")
        expect(page.get_by_role("listbox", name="Tìm HTX, nhóm sáng lập")).to_be_visible()
        assert page.get_by_role("option").count() > 0
        box.press("x")
        assert page.get_by_role("option").count() == 0
        expect(page.get_by_text("Không tìm thấy.")).to_be_visible()

    def test_an_old_draft_is_offered_and_poured_in_only_when_asked_for(self, person):
        page = self.start(person)
        spent = page.locator("[name=client_id]").input_value()
        page.locator("[name=question]").fill("Câu hỏi gõ dở")
        page.locator("[name=topics][value=tax]").tap()
        page.goto("/ho-so/")
        cooperative = last_entry().cooperative
        page.goto(f"/tu-van/moi/?htx={cooperative.pk}")
        expect(page.locator(".draft")).to_contain_text(
            re.compile(r"Có bản nháp chưa ghi, lưu lúc \d\d/\d\d/\d{4} \d\d:\d\d")
        )
        expect(page.locator("[name=question]")).to_have_value("")
        page.get_by_role("button", name="Dùng bản nháp").tap()
        expect(page.locator("[name=question]")).to_have_value("Câu hỏi gõ dở")
        expect(page.locator("[name=topics][value=tax]")).to_be_checked()
        expect(page.locator(f"[name=party][value=htx-{cooperative.pk}]")).to_be_checked()
        assert page.locator("[name=client_id]").input_value() != spent
        page.get_by_role("button", name="Bỏ bản nháp").tap()
        expect(page.locator("[name=question]")).to_have_value("")
        page.goto("/tu-van/moi/")
        expect(page.locator(".draft")).to_have_count(0)

    def test_a_page_loaded_again_brings_back_what_was_just_typed(self, person):
        page = self.start(person)
        page.locator("[name=question]").fill("Câu hỏi gõ dở")
        page.reload()
        expect(page.locator("[name=question]")).to_have_value("Câu hỏi gõ dở")
        expect(page.locator(".draft")).to_contain_text("Đã mở lại bản nháp")
        page.get_by_role("button", name="Bỏ bản nháp").tap()
        expect(page.locator("[name=question]")).to_have_value("")

    def test_ticks_go_with_the_step_that_is_pressed(self, person):
        page = self.start(person)
        case = Case.objects.filter(status="advising", checklist__received_on=None, checklist__required=True).first()
        page.goto(f"/ho-so/{case.reference}/")
        for box in page.locator("[name=received]").all():
            box.check()
        page.locator("[name=note]").fill("Đủ giấy tờ")
        page.locator("[name=received]").first.press("Enter")
        expect(page.locator("#buoc .errors")).to_contain_text("Bấm nút của bước muốn chuyển.")
        expect(page.locator("[name=note]")).to_have_value("Đủ giấy tờ")
        page.get_by_role("button", name="HTX đã nộp hồ sơ").tap()
        expect(page.locator(".messages .notice--ok")).to_contain_text("Hồ sơ chuyển sang")
        case.refresh_from_db()
        assert case.status == "submitted"
        assert not case.checklist.filter(received_on=None).exists()
        expect(page.locator(".timeline")).to_contain_text("Cập nhật giấy tờ")


class TestAnybodyWithAReceipt:
    """Job 2: see where a case stands, without an account."""

    def look_up(self, page, codes):
        """Type both codes into the public page."""
        page.goto("/tra-cuu/")
        page.locator("[name=code]").fill(codes["code"].lower())
        page.locator("[name=secret]").fill(f" {codes['secret'][:5]} {codes['secret'][5:]}")
        page.get_by_role("button", name="Tra cứu").click()
        expect(page.locator("h1")).to_have_text(f"Hồ sơ {codes['code']}")

    def test_reads_the_public_words_and_nothing_personal(self, person, codes):
        visitor = person(PHONE)
        self.look_up(visitor.page, codes)
        assert_public(visitor.page, codes)
        assert visitor.context.cookies() == [] or {c["name"] for c in visitor.context.cookies()} == {"csrftoken"}

    def test_follows_the_square_code_and_the_secret_leaves_the_address_at_once(self, person, site, codes):
        visitor = person(PHONE)
        asked = []
        visitor.page.on("request", lambda request: asked.append(request.url))
        visitor.page.goto(f"/tra-cuu/?ma={codes['code']}#k={codes['secret']}")
        expect(visitor.page.locator("[name=code]")).to_have_value(codes["code"])
        expect(visitor.page.locator("[name=secret]")).to_have_value(codes["secret"])
        assert visitor.page.url == f"{site}/tra-cuu/?ma={codes['code']}"
        visitor.page.keyboard.press("Enter")
        expect(visitor.page.locator("h1")).to_have_text(f"Hồ sơ {codes['code']}")
        assert_public(visitor.page, codes)
        assert [url for url in asked if codes["secret"] in url.partition("#")[0]] == []

    def test_looks_up_by_keyboard_alone(self, person, codes):
        visitor = person(DESK)
        visitor.page.goto("/tra-cuu/")
        visitor.tab_to("[name=code]")
        visitor.page.keyboard.type(codes["code"])
        visitor.tab_to("[name=secret]")
        visitor.page.keyboard.type(codes["secret"])
        visitor.page.keyboard.press("Enter")
        expect(visitor.page.locator("h1")).to_have_text(f"Hồ sơ {codes['code']}")


class TestManagerAtADesk:
    """Job 3: read the months and see what stands behind a figure."""

    def test_chooses_the_months_reads_108_and_opens_the_108_entries(self, person):
        manager = person(DESK)
        manager.sign_in("lanhdao", PASSWORD)
        page = manager.page
        page.get_by_role("navigation", name="Danh mục").get_by_role("link", name="Báo cáo").click()
        page.get_by_text("Chọn kỳ khác").click()
        page.locator("[name=from]").fill("01/2023")
        page.locator("[name=to]").fill("08/2023")
        page.get_by_role("button", name="Xem báo cáo").click()
        expect(page.locator("main .lead")).to_have_text("8 tháng đầu năm 2023 (01/01/2023 – 31/08/2023)")
        tile = page.locator(".stat").filter(has_text="lượt HTX được tư vấn")
        expect(tile.locator(".stat__value")).to_have_text("108")
        tile.locator(".stat__value").click()
        expect(page.locator("main .lead")).to_have_text("108 lần tư vấn")

    def test_the_rule_is_printed_and_the_chart_has_its_figures_beneath(self, person):
        manager = person(DESK)
        manager.sign_in("lanhdao", PASSWORD)
        manager.page.goto("/bao-cao/?from=2023-01&to=2023-08")
        expect(manager.page.locator("main")).to_contain_text("× một lần ghi tư vấn = 1 lượt")
        chart = manager.page.locator("svg[aria-label^='Biểu đồ: Theo tháng.']")
        expect(chart).to_be_visible()
        months = manager.page.locator("section").filter(has=chart)
        figures = months.locator("tbody tr td:nth-child(2)").all_inner_texts()
        assert sum(int(figure) for figure in figures) == 108


class TestEveryMainPage:
    """What holds on all of them, in each role."""

    # Their first box has the focus from the start.
    TAKE_THE_FOCUS = ("/accounts/login/", "/accounts/password_change/")
    PAGES = {
        "": ["/tra-cuu/", "/accounts/login/"],
        "canbo": [
            "/",
            "/tu-van/",
            "/tu-van/moi/",
            "/tu-van/{consultation}/",
            "/ho-so/",
            "/ho-so/moi/",
            "/ho-so/moi/?topic=ocop",
            "/ho-so/{case}/",
            "/ho-so/{case}/sua/",
            "/ho-so/{case}/phieu/",
            "/htx/",
            "/htx/moi/",
            "/htx/{cooperative}/",
            "/htx/{cooperative}/sua/",
            "/htx/{cooperative}/nganh-nghe/",
            "/ho-so/{lines_case}/nganh-nghe/",
            "/htx/{cooperative}/nghia-vu/",
            "/htx/nghia-vu/",
            "/htx/nhom-sang-lap/",
            "/htx/nhom-sang-lap/moi/",
            "/nhac-viec/",
            "/bao-cao/",
            "/bao-cao/?from=2022-01&to=2025-12",
            "/accounts/password_change/",
        ],
        "lanhdao": [
            "/",
            "/tu-van/",
            "/ho-so/",
            "/ho-so/{case}/",
            "/htx/{cooperative}/",
            "/nhac-viec/",
            "/bao-cao/?from=2023-01&to=2023-08",
            "/bao-cao/htx/?from=2023-01&to=2023-08",
        ],
        "htx": ["/", "/tu-van/", "/ho-so/", "/ho-so/{own_case}/", "/ho-so/{own_case}/phieu/", "/nhac-viec/"],
        "quantri": ["/", "/tu-van/", "/ho-so/", "/htx/", "/bao-cao/"],
    }

    def addresses(self, username):
        """The pages of a role, with rows of the demo set put in."""
        own = Case.objects.filter(cooperative__memberships__user__username="htx").first()
        row = Consultation.objects.filter(cooperative__name=COOPERATIVE).first()
        case = Case.objects.filter(cooperative__isnull=False).order_by("-pk").first()
        known = {
            "consultation": row.pk,
            "cooperative": row.cooperative_id,
            "case": case.reference,
            "own_case": own.reference,
            "lines_case": Case.objects.filter(topic="business_lines", status="waiting_cooperative").get().reference,
        }
        return [path.format(**known) for path in self.PAGES[username]]

    def visits(self, person, username, screen):
        """Open each page of the role in turn; the person who looks at it, and its address."""
        someone = person(screen)
        if username:
            someone.sign_in(username, PASSWORD)
        for path in self.addresses(username):
            answer = someone.page.goto(path)
            assert answer.status == 200, (path, answer.status)
            yield someone, path

    @pytest.mark.parametrize("username", PAGES)
    def test_no_page_scrolls_sideways_on_a_phone(self, person, username):
        wide = {path: who.sideways() for who, path in self.visits(person, username, PHONE) if who.sideways() > 0}
        assert wide == {}

    @pytest.mark.parametrize("username", PAGES)
    def test_every_page_can_be_walked_by_keyboard_and_read_aloud(self, person, username):
        for who, path in self.visits(person, username, DESK):
            assert who.page.locator("h1").count() == 1, path
            assert " · HTX portal" in who.page.title(), path
            assert who.page.evaluate(NAMELESS) == [], path
            if path not in self.TAKE_THE_FOCUS:
                self.skip_the_menu(who.page, path)

    def skip_the_menu(self, page, path):
        """The first press of Tab offers the way past the menu, and following it moves the focus there."""
        page.keyboard.press("Tab")
        skip = page.locator("a.skip")
        assert page.evaluate("document.activeElement.className") == "skip", path
        expect(skip).to_be_in_viewport()
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "noi-dung", path

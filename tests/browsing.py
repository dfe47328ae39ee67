"""A person at a real Chromium: what goes wrong in the browser while a page is used is noted and judged."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, expect, sync_playwright

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 800}
MOST_TABS = 120
WAIT_MS = 60_000  # a machine may be busy
expect.set_options(timeout=WAIT_MS)

FOCUS = """() => {
  const node = document.activeElement;
  if (!node || node === document.body) { return null; }
  const shown = node.closest("label") && node.matches(".chips input") ? node.closest("label") : node;
  const style = getComputedStyle(shown);
  const box = shown.getBoundingClientRect();
  return {
    outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    seen: box.width > 0 && box.height > 0 &&
      box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    what: `${node.tagName.toLowerCase()} ${node.name || node.id || node.textContent.trim().slice(0, 40)}`,
  };
}"""


@contextmanager
def chromium(path: str) -> Iterator[Browser]:
    """A Chromium without a window for the length of the block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        try:
            yield browser
        finally:
            browser.close()


class Person:
    """One person with a browser profile of their own, at a screen of a certain size."""

    def __init__(self, browser: Browser, site: str, screen: dict[str, int] = PHONE, **options: object) -> None:
        self.site = site
        self.complaints: list[str] = []
        phone = screen["width"] < 700
        self.context = browser.new_context(
            base_url=site, viewport=screen, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh", has_touch=phone, **options
        )
        self.context.set_default_timeout(WAIT_MS)
        self.page: Page = self.context.new_page()
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on("request", self._asked)
        self.page.on("requestfailed", self._lost)
        self.page.on("response", self._answered)

    def sign_in(self, username: str, password: str) -> None:
        """Sign in by the login page and arrive at the first page of the role."""
        self.page.goto("/accounts/login/")
        self.page.locator("[name=username]").fill(username)
        self.page.locator("[name=password]").fill(password)
        self.page.locator("main form button").click()
        self.page.wait_for_url(f"{self.site}/")

    def tab_to(self, selector: str) -> None:
        """Press Tab until the element has the focus; every stop on the way must be seen and outlined.

        Raises AssertionError when a stop cannot be seen, or when the element is never reached.
        """
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            stop = self.page.evaluate(FOCUS)
            if stop is None:
                continue
            assert stop["outlined"], f"the focus cannot be seen on {stop['what']}"
            assert stop["seen"], f"the focus is out of sight on {stop['what']}"
            if self.page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
                return
        raise AssertionError(f"{selector} was not reached by {MOST_TABS} presses of Tab")

    def sideways(self) -> int:
        """By how many pixels the page is wider than the screen."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))

    def leave(self) -> None:
        """Close the profile and insist that nothing went wrong in it: scripts, policy, files, strangers."""
        self.context.close()
        assert self.complaints == [], self.complaints

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"console: {message.text}")

    def _asked(self, request: Request) -> None:
        asked, own = urlsplit(request.url), urlsplit(self.site)
        if asked.scheme != "data" and asked.netloc != own.netloc:
            self.complaints.append(f"asked a stranger: {request.url}")

    def _lost(self, request: Request) -> None:
        # Going on to another page ends a look-up under way; that is no failure.
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"lost: {request.url} ({request.failure})")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.status}: {response.url}")

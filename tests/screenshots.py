"""Makes the pictures of the README from a running demo: `python -m tests.screenshots [URL]`.

Without a URL it starts a portal of its own on a fresh data folder. The pictures go to docs/screenshots/. Nothing
is recorded: the form of the first picture is filled in and not sent.
"""

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests import services
from tests.browsing import Person, chromium
from tests.running_portal import RunningPortal

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "screenshots"
PHONE = {"width": 360, "height": 720}
DESK = {"width": 1280, "height": 940}
MOST_BYTES = 150_000
PASSWORD = "htx-demo-2023"
FIRST_START_SECONDS = 300


def main(arguments: list[str]) -> int:
    """Make all pictures; 1 after the reason when one is too large or no browser is there."""
    with ExitStack() as stack:
        try:
            browser = stack.enter_context(chromium(services.chromium()))
        except services.Missing as reason:
            print(reason, file=sys.stderr)
            return 1
        site = arguments[0].rstrip("/") if arguments else started_demo(stack)
        log_a_consultation(browser, site)
        read_the_month(browser, site)
        look_up(browser, site)
    sizes = {path.name: path.stat().st_size for path in sorted(FOLDER.glob("*.png"))}
    for name, size in sizes.items():
        print(f"{size:>8} bytes  {name}")
    return int(any(size > MOST_BYTES for size in sizes.values()))


def started_demo(stack: ExitStack) -> str:
    """Start a portal with the demo set until the stack closes; its address."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="htx-pictures-")))
    portal = stack.enter_context(RunningPortal(folder / "data"))
    portal.start(FIRST_START_SECONDS)
    return f"http://{services.HOST}:{portal.port}"


def log_a_consultation(browser: Browser, site: str) -> None:
    """Staff on a phone, half-way through the form."""
    staff = Person(browser, site, PHONE, device_scale_factor=2)
    staff.sign_in("canbo", PASSWORD)
    page = staff.page
    page.goto("/tu-van/moi/")
    box = page.locator("[name=party_text]")
    box.press_sequentially("che")
    page.get_by_role("option").first.wait_for()
    box.press("ArrowDown")
    box.evaluate("(node) => { node.scrollIntoView(); scrollBy(0, -130); }")
    keep(page, "log-a-consultation")
    staff.leave()


def read_the_month(browser: Browser, site: str) -> None:
    """The manager's report of the first eight months of 2023."""
    manager = Person(browser, site, DESK)
    manager.sign_in("lanhdao", PASSWORD)
    manager.page.goto("/bao-cao/?from=2023-01&to=2023-08")
    keep(manager.page, "read-the-month")
    manager.leave()


def look_up(browser: Browser, site: str) -> None:
    """What a cooperative reads with the two codes of its receipt; the case is one that waits for papers."""
    staff = Person(browser, site, DESK)
    staff.sign_in("canbo", PASSWORD)
    staff.page.goto("/ho-so/?status=waiting_cooperative&topic=ocop")
    staff.page.goto(f"{staff.page.locator('td.list__main a').first.get_attribute('href')}phieu/")
    code, secret = staff.page.locator(".receipt__code").all_inner_texts()
    staff.leave()
    visitor = Person(browser, site, PHONE, device_scale_factor=2)
    visitor.page.goto(f"/tra-cuu/?ma={code}#k={secret}")
    visitor.page.get_by_role("button", name="Tra cứu").click()
    visitor.page.locator("ol, .stages, .facts").first.wait_for()
    keep(visitor.page, "look-up-a-case")
    visitor.leave()


def keep(page: Page, name: str) -> None:
    """Keep what the screen shows now."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / f"{name}.png", animations="disabled", caret="hide")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

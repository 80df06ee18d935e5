"""The page as a person uses it, in a real Chromium, for tests."""

import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

import pytest

_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_WAIT_MS = 60_000


def require_browser() -> None:
    """Skip the module that calls this, saying what to install, where there is no browser to drive."""
    if _chromium() is None or find_spec("playwright") is None:
        pytest.skip(
            "browser tests need Chromium and Playwright: apt-get install chromium; pip install playwright",
            allow_module_level=True,
        )


def _chromium() -> str | None:
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@contextmanager
def open_browser() -> Iterator[Any]:
    """A headless Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=_ARGUMENTS)
        yield browser
        browser.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Page:
    """One visitor."""

    def __init__(self, browser: Any, address: str, *, width: int = 1100) -> None:
        self.errors: list[str] = []
        self.foreign_requests: list[str] = []
        self._context = browser.new_context(viewport={"width": width, "height": 840})
        self._page = self._context.new_page()
        self._page.set_default_timeout(_WAIT_MS)
        self._page.on("pageerror", lambda error: self.errors.append(str(error)))
        self._page.on("request", lambda request: self._note(request.url))
        self._page.goto(address)
        self._page.wait_for_selector("textarea")

    def _note(self, url: str) -> None:
        if urlsplit(url).scheme not in ("data", "blob") and urlsplit(url).hostname != "127.0.0.1":
            self.foreign_requests.append(url)

    def ask(self, question: str) -> None:
        box = self._page.locator("textarea:enabled")
        box.fill(question)
        self.submit_button.click()

    def wait_for_answer(self, number: int = 1) -> None:
        """Wait until so many answers or abstentions are whole."""
        whole = "(n) => document.querySelectorAll('.shoko-sources, .shoko-abstained').length >= n"
        self._page.wait_for_function(whole, arg=number)
        self._page.wait_for_selector("textarea:enabled")

    def wait_for(self, selector: str) -> None:
        self._page.wait_for_selector(selector)

    def wait_for_stage(self, text: str) -> None:
        """Wait for a note of the answer in the making."""
        self._page.locator(".shoko-note", has_text=text).last.wait_for()

    def latest(self, selector: str) -> Any:
        """The first such element of the last answer."""
        return self._page.locator(".message.bot, .bot .message").last.locator(selector).first

    def wait_until_gone(self, text: str) -> None:
        self._page.get_by_text(text).wait_for(state="detached")

    def click_text(self, text: str) -> None:
        self._page.get_by_text(text).first.click()

    def has_text(self, text: str) -> bool:
        return bool(self._page.get_by_text(text).count())

    def sees(self, text: str, *, by: str) -> bool:
        return bool(self._page.locator(f"[{by}='{text}']").is_visible())

    def count(self, selector: str) -> int:
        return int(self._page.locator(selector).count())

    def screenshot(self, path: str) -> None:
        self._page.screenshot(path=path)

    def close(self) -> None:
        self._context.close()

    @property
    def title(self) -> str:
        return str(self._page.title())

    @property
    def questions(self) -> list[str]:
        return [str(text) for text in self._page.locator(".message.user, .user .message").all_inner_texts()]

    @property
    def answer(self) -> str:
        """The last answer or abstention, without its sources."""
        return str(self._page.locator(".shoko-answer, .shoko-abstained").last.inner_text())

    @property
    def citations(self) -> Any:
        return self._page.locator(".shoko-sources .shoko-citation")

    @property
    def submit_button(self) -> Any:
        return self._page.locator("button.submit-button")

    @property
    def stop_button(self) -> Any:
        return self._page.locator("button.stop-button")

    @property
    def retry_button(self) -> Any:
        return self._page.get_by_role("button", name="Retry")

    @property
    def width_of_content(self) -> int:
        return int(self._page.evaluate("document.documentElement.scrollWidth"))

"""A real Chromium for tests, with what both of its users measure by."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-device-scale-factor=1",
]

COLOURS = """
const parse = c => { const m = c.match(/[\\d.]+/g).map(Number);
  return m.length < 4 ? [...m, 1] : m };
const light = c => { const [r, g, b] = c.map(v => { v /= 255;
  return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4 });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b };
const over = ([r, g, b, a], back) => [...[r, g, b].map((v, i) => v * a + back[i] * (1 - a)), 1];
const behind = e => { const layers = [];
  for (; e; e = e.parentElement) {
    const c = parse(getComputedStyle(e).backgroundColor); if (c[3]) layers.push(c);
    if (c[3] > 0.99) break }
  return layers.reduceRight((back, layer) => over(layer, back), [255, 255, 255, 1]) };
const found = [];
"""
"""How light a colour is (WCAG 2.2), and what is behind an element: the colours of all that is
there, one over the other. A contrast script goes on."""

SHARP = """const style = new CSSStyleSheet();
style.replaceSync('* { backdrop-filter: none !important }');
document.adoptedStyleSheets = [style]"""
"""Leaves what lies behind a dialog sharp. Without a graphics card Chromium blurs it anew for each
frame, which costs a second of CPU time whenever a labelling page opens: a third of all it takes."""


Found = TypeVar("Found")


def until(
    chrome: webdriver.Chrome, condition: Callable[[webdriver.Chrome], Found], seconds: float = 60
) -> Found:
    """Return what `condition` finds, as soon as it finds something; looks often, waits long."""
    return WebDriverWait(chrome, seconds, poll_frequency=0.1).until(condition)


def started(profile: Path, *, logs: bool = False) -> webdriver.Chrome:
    """Start a browser with a profile of its own; without one installed, skip, but fail in CI.

    `logs` keeps all that pages ask for and print, for `get_log`; it costs time on every page.
    """
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not browser or not driver:
        if os.environ.get("CI"):
            pytest.fail("CI must have chromium and chromedriver")
        pytest.skip("the browser tests need Debian's chromium, chromium-driver, fonts-noto-cjk")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in [*FLAGS, f"--user-data-dir={profile}"]:
        options.add_argument(flag)
    if logs:
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    chrome = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    if not os.environ.get("GOLDLEAF_PICTURES"):  # those show what a person sees
        chrome.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": SHARP})
    return chrome


def log_in(chrome: webdriver.Chrome, url: str, email: str, password: str) -> None:
    """Log an account in to Label Studio by its page, whoever was logged in before.

    A late answer to an earlier page brings the cookies of its account back, whenever it comes: it
    is begun anew until the account is logged in, without a page that asks for more.
    """

    def login_page(chrome: webdriver.Chrome) -> bool:
        chrome.get(f"{url}/api/version")
        chrome.delete_all_cookies()
        chrome.get(f"{url}/user/login/?next=/api/current-user/whoami")
        return bool(chrome.find_elements(By.NAME, "email"))

    def logged_in(chrome: webdriver.Chrome) -> bool:
        until(chrome, login_page)
        chrome.find_element(By.NAME, "email").send_keys(email)
        chrome.find_element(By.NAME, "password").send_keys(password + Keys.ENTER)
        until(chrome, lambda found: "/user/login" not in found.current_url)
        return email in chrome.page_source

    until(chrome, logged_in)

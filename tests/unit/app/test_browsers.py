"""Browsers named in words from their user agents."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.auth.browsers import Browser, browser_of

_MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
_PHONE = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko)"
_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15"


@pytest.mark.parametrize(
    ("user_agent", "name", "system"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
            "Firefox",
            "Linux",
        ),
        (f"{_WINDOWS} Chrome/142.0.0.0 Safari/537.36", "Chrome", "Windows"),
        (f"{_WINDOWS} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0", "Edge", "Windows"),
        (f"{_WINDOWS} Chrome/142.0.0.0 Safari/537.36 OPR/120.0.0.0", "Opera", "Windows"),
        (f"{_MAC} Version/18.1 Safari/605.1.15", "Safari", "macOS"),
        (
            f"{_PHONE} SamsungBrowser/28.0 Chrome/130.0.0.0 Safari/537.36",
            "Samsung Internet",
            "Android",
        ),
        (
            f"{_IPHONE} (KHTML, like Gecko) CriOS/142.0 Mobile/15E148 Safari/604.1",
            "Chrome",
            "iPhone",
        ),
        (
            "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) Chrome/142.0 Safari/537.36",
            "Chrome",
            "ChromeOS",
        ),
        ("curl/8.5.0", "", ""),
        ("", "", ""),
    ],
)
def test_it_names_browser_and_system(user_agent, name, system):
    assert browser_of(user_agent) == Browser(name, system)


@given(st.text(max_size=300))
def test_it_reads_any_text(text):
    browser_of(text)

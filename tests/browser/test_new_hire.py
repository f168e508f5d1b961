"""A new hire's plan in a real browser: one tap moves what is late, and every tap can be undone."""

import pytest
from playwright.sync_api import expect

PLAN = "/playlists/first-five-weeks"


@pytest.mark.parametrize("address", ["/", PLAN])
def test_it_moves_a_late_step_with_one_tap_and_back(page, sign_in, address):
    sign_in(page, "newcomer")
    page.goto(address)
    late = page.locator(".step.late")
    expect(late).to_have_count(1)
    late.get_by_role("button").first.click()
    expect(page.locator(".undo-move")).to_contain_text("1 step has a new day.")
    expect(late).to_have_count(0)
    page.locator(".undo-move").get_by_role("button", name="Undo").click()
    expect(late).to_have_count(1)
    expect(page.locator(".undo-move")).to_have_count(0)


def test_it_does_a_task_by_keyboard_alone_and_takes_it_back(page, sign_in):
    sign_in(page, "newcomer")
    page.goto(PLAN)
    talk = page.locator(".step", has_text="Talk with your manager")
    talk.get_by_role("button", name="Done").focus()
    page.keyboard.press("Enter")
    expect(talk.get_by_role("button", name="Undo")).to_be_visible()
    expect(talk).to_contain_text("Completed")
    talk.get_by_role("button", name="Undo").focus()
    page.keyboard.press("Enter")
    expect(talk.get_by_role("button", name="Done")).to_be_visible()


def test_it_finds_another_day_by_keyboard(page, sign_in):
    sign_in(page, "newcomer")
    page.goto(PLAN)
    talk = page.locator(".step", has_text="Talk with your manager")
    talk.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(talk.get_by_label("Date", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(talk.get_by_label("Date", exact=True)).to_be_hidden()
    expect(talk.locator("summary")).to_be_focused()


def test_it_names_whom_to_meet_and_for_what_a_step_waits(page, sign_in):
    sign_in(page, "newcomer")
    page.goto(PLAN)
    expect(page.locator(".step", has_text="A coffee with your buddy")).to_contain_text("Your buddy")
    waiting = page.locator(".step.waiting")
    expect(waiting).to_contain_text("Waits until you have done “Communicate using Markdown”")
    expect(page.locator(".step-choice")).to_contain_text("One of these is enough")


def test_it_shows_the_address_of_the_calendar_once(page, sign_in):
    sign_in(page, "newcomer")
    page.goto("/calendar")
    page.get_by_role("button", name="Make my address").click()
    expect(page.locator("code")).to_contain_text("/calendar/")
    page.goto("/calendar")
    expect(page.locator("code")).to_have_count(0)
    page.get_by_role("button", name="Switch it off").click()
    expect(page.get_by_role("button", name="Make my address")).to_be_visible()

"""A reader's own settings."""


def test_it_keeps_language_time_zone_and_theme(as_employee, session, employee):
    as_employee.post("/settings", {"locale": "de", "time_zone": "Europe/Berlin", "theme": "dark"})
    session.refresh(employee)
    assert (employee.locale, employee.time_zone, employee.theme) == (
        "de",
        "Europe/Berlin",
        "dark",
    )


def test_it_speaks_the_language_that_was_chosen(as_employee):
    as_employee.post("/settings", {"locale": "de", "time_zone": "", "theme": "auto"})
    assert as_employee.get("/settings").root.get("lang") == "de"


def test_it_follows_the_browser_when_nothing_is_chosen(visitor):
    page = visitor.get("/sign-in", headers={"Accept-Language": "de-DE,de;q=0.9,en;q=0.5"})
    assert page.root.get("lang") == "de"


def test_it_names_a_time_zone_that_does_not_exist(as_employee):
    page = as_employee.post("/settings", {"locale": "", "time_zone": "Mars", "theme": "auto"})
    assert page.status == 422
    assert page.all("select", name="time_zone")[0].get("aria-invalid") == "true"


def test_it_changes_the_theme_from_the_top_bar(as_employee):
    as_employee.post("/settings/theme", {"theme": "dark"})
    assert as_employee.get("/settings").root.get("data-theme") == "dark"


def test_it_answers_the_theme_button_of_htmx_with_nothing(as_employee):
    page = as_employee.post("/settings/theme", {"theme": "dark"}, htmx_target="theme")
    assert (page.status, page.html) == (204, "")

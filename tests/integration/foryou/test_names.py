"""What reasons may name: roles, skills, tools, and who curates the page of a role."""

from app.foryou import queries


def test_it_names_what_reasons_speak_of(session, make):
    curator = make.person("Jonas Weber", access="curator")
    make.role_page(make.role("planner", "Service planner"), curator=curator)
    make.role("fitter", "Fitter")
    make.skill("sql", "SQL")
    make.tool("wiki", "Team wiki")
    named = queries.names(session)
    told = {
        "role:planner": "Service planner",
        "role:fitter": "Fitter",
        "skill:sql": "SQL",
        "tool:wiki": "Team wiki",
        "curator:planner": "Jonas Weber",
    }
    assert told.items() <= named.items()
    assert "curator:fitter" not in named

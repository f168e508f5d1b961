"""A harvest: what it brings, what it leaves alone, and where it goes on."""


def test_it_brings_a_tool(harvesting, blog):
    blog.add("Reading meters")
    run = harvesting.run()
    assert (run.state, run.counts["new"]) == ("done", 1)
    assert list(harvesting.items().values()) == [("Reading meters", "live")]

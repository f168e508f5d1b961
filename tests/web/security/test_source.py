"""What must not stand in the source at all: read as syntax trees, not as text."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
ROOMS = ("app", "search", "recommender")
TREES = {
    str(path.relative_to(ROOT)): ast.parse(path.read_text())
    for room in ROOMS
    for path in sorted((ROOT / room).rglob("*.py"))
}
NODES = [(name, node) for name, tree in TREES.items() for node in ast.walk(tree)]
# names of things in SCIM addresses and of one job's folder, which are no secrets and open nothing
PLAIN_IDS = {"app/scim/storage.py", "recommender/spark_job.py"}
# the one client that checks addresses, and Authlib's transport on top of it
FETCHING = {"app/outbound/", "app/oidc/wire.py"}
# what takes addresses and time limits of its kind, and is given the client or fetches nothing
WITH_ITS_TYPES = {
    "app/connectors/http.py",
    "app/harvest/checking.py",
    "app/harvest/live.py",
    "app/harvest/posting.py",
    "app/links/asking.py",
    "app/links/checking.py",
    "app/activity/launches.py",
}
# a process of the same user on this machine, over a socket that is a file
ON_THIS_MACHINE = {"search/semantic_client.py", "search/semantic_wire.py"}
# asks whether a cluster's master answers at all, before Spark waits for it
A_CLUSTER = {"recommender/spark.py"}
# hands mails to the server that the settings name
BY_MAIL = {"app/notices/mail.py"}
ITS_TYPES = {"URL", "Client", "Timeout", "InvalidURL", "Request", "Response", "ConnectError"}
ITS_TYPES |= {"BaseTransport"}
# jitter between two tries or two questions, which hides nothing (`Http.chance`, `Pace`)
JITTER = {"app/connectors/http.py", "app/links/checking.py", "app/links/pace.py"}
# xAPI names people by the SHA-1 of their address (mbox_sha1sum, xAPI-Data 2.4.2.3)
NAMED_BY_SHA1 = {("app/connectors/xapi.py", "sha1")}
NETWORK = {"requests", "urllib3", "httpx", "httpcore", "aiohttp", "socket", "ftplib", "smtplib"}
NETWORK |= {"urllib.request", "http.client"}
WEAK = {"sha1", "md5", "SHA1", "MD5", "RSA_SHA1", "HMAC_SHA1", "HMAC_MD5", "DES", "ARC4"}
UNVERIFIED = {"CERT_NONE", "_create_unverified_context", "_create_default_https_context"}
UNPICKLING = {"pickle", "cPickle", "marshal", "shelve", "dill", "joblib", "yaml"}
STATEMENTS = {"text", "execute", "exec_driver_sql", "literal_column"}


def nodes(kind):
    """Return (file, node) of every node of a kind."""
    return [one for one in NODES if isinstance(one[1], kind)]


def imported():
    """Return (file, module) of every import."""
    found = []
    for name, node in nodes((ast.Import, ast.ImportFrom)):
        modules = [one.name for one in node.names]
        if isinstance(node, ast.ImportFrom):
            modules = [node.module or "", *(f"{node.module}.{one}" for one in modules)]
        found += [(name, module) for module in modules]
    return found


def words():
    """Return (file, word) of every name and attribute."""
    for name, node in nodes((ast.Name, ast.Attribute)):
        yield name, node.id if isinstance(node, ast.Name) else node.attr


def calls(*names):
    """Return (file, call) of every call of something with one of these names."""
    for file, node in nodes(ast.Call):
        called = node.func
        word = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        if word in names:
            yield file, node


def of(modules):
    """Return the files that import one of these modules."""
    return {file for file, one in imported() if one in modules or one.split(".")[0] in modules}


def test_it_reads_the_whole_source():
    assert len(TREES) > 200


def test_it_makes_no_token_from_what_can_be_guessed():
    assert {file for file in of({"random"}) if file.startswith("app/")} == JITTER
    for file in JITTER:
        used = [node for node in ast.walk(TREES[file]) if getattr(node, "attr", "") and "random" in
                ast.unparse(node)]  # fmt: skip
        assert {ast.unparse(node) for node in used} == {"random.uniform"}, file
    assert of({"uuid"}) == PLAIN_IDS


def test_it_uses_no_hash_or_cipher_that_is_broken():
    assert {one for one in words() if one[1] in WEAK} == NAMED_BY_SHA1
    named = {call.args[0].value for _file, call in calls("new") if call.args
             and isinstance(call.args[0], ast.Constant)}  # fmt: skip
    assert not named & {"sha1", "md5"}


def test_it_verifies_every_certificate():
    assert {one for one in words() if one[1] in UNVERIFIED} == set()
    off = [
        (file, word.arg)
        for file, call in nodes(ast.Call)
        for word in call.keywords
        if word.arg in {"verify", "check_hostname", "verify_ssl", "verify_signature"}
        and isinstance(word.value, ast.Constant)
        and not word.value.value
    ]
    assert off == []
    assert not [one for one in nodes(ast.Assign) if "check_hostname" in ast.dump(one[1])]


def test_it_reaches_other_systems_through_one_client():
    outside = {file for file in of(NETWORK) if not file.startswith(tuple(FETCHING))}
    assert outside == WITH_ITS_TYPES | ON_THIS_MACHINE | A_CLUSTER | BY_MAIL
    families = {one for one in words() if one[1].startswith("AF_")}
    assert families == {("search/semantic_client.py", "AF_UNIX")}
    for file in WITH_ITS_TYPES:
        used = [
            node
            for node in ast.walk(TREES[file])
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "httpx"
        ]
        assert {node.attr for node in used} <= ITS_TYPES, file
    made = {file for file, _call in calls("Client", "AsyncClient", "HTTPTransport")}
    assert {file for file in made if not file.startswith(tuple(FETCHING))} == {
        "app/activity/launches.py"  # one that goes nowhere
    }
    assert "httpx.Client(transport=_Nowhere(), trust_env=False)" in ast.unparse(
        TREES["app/activity/launches.py"]
    )


def test_it_unpickles_and_evaluates_nothing():
    assert of(UNPICKLING) == set()
    assert [file for file, call in calls("eval", "exec") if isinstance(call.func, ast.Name)] == []
    for file, call in calls("load"):
        if ast.unparse(call.func) == "np.load":
            told = {word.arg: ast.unparse(word.value) for word in call.keywords}
            assert told.get("allow_pickle") == "False", file


def test_it_writes_no_value_into_a_statement():
    """SQLite's settings, which are numbers of our own, and the tables' history are all there is."""
    made = {
        file
        for file, call in calls(*STATEMENTS)
        if call.args and isinstance(call.args[0], ast.JoinedStr | ast.BinOp)
    }
    assert {file for file in made if not file.startswith("app/migrations/")} == {"app/db.py"}


def test_it_starts_no_shell():
    assert [file for file, _call in calls("system", "popen")] == []
    assert "shell" not in {word.arg for _file, call in nodes(ast.Call) for word in call.keywords}


def test_it_marks_nothing_as_safe_markup():
    assert [one for one in words() if one[1] == "Markup"] == []
    templates = list((ROOT / "templates").rglob("*.html"))
    assert len(templates) > 50
    for path in templates:
        text = path.read_text().replace(" ", "")
        assert "|safe" not in text, path
        assert "autoescapefalse" not in text, path


@pytest.mark.parametrize("word", ["hx-on", "hx-vals='js:", 'hx-vals="js:', "unsafe-inline"])
def test_it_writes_no_script_into_templates(word):
    assert [path for path in (ROOT / "templates").rglob("*.html") if word in path.read_text()] == []

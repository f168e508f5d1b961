"""Every interface text has its German, and what is compiled is what is written."""

import ast
import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import Environment

ROOT = Path(__file__).parents[3]
TRANSLATIONS = ROOT / "app" / "translations"
GERMAN = TRANSLATIONS / "de" / "LC_MESSAGES" / "messages.po"
KEYWORDS = DEFAULT_KEYWORDS | parse_keywords(
    ["_l", "NotFound", "NotAllowed", "Conflict", "Wording"]
)
UNTRANSLATED = {
    "Foyer",
    "foyer admin create --email … --name …",
    "nDCG@10",
    "Recall@20",
    "MRR",
    ", MRR",
}
SAYS_IT_AGAIN = {  # what was worded before is put together once more
    "app/connectors/http.py",
    "app/identity/contexts.py",
    "app/models/sentence.py",
}
NOT_SHOWN = re.compile(r"<!doctype[^>]*>|<style>.*?</style>|<[^<>]*>", re.IGNORECASE | re.DOTALL)
CODE = re.compile(r'="|_$')  # halves of attributes that a macro writes
SAYS = {"_", "_l", "gettext", "lazy_gettext", "ngettext", "Wording"}
SPOKEN = re.compile(r'\b(?:aria-label|title|placeholder|alt|data-announce)="([^"]*)"')


@pytest.fixture(scope="module")
def german():
    """Return the German catalogue."""
    with GERMAN.open("rb") as file:
        return read_po(file, locale="de")


@pytest.fixture(scope="module")
def used():
    """Return the ids of all messages in the code and the templates; pairs for plurals."""
    with (TRANSLATIONS / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(ROOT, methods, options, KEYWORDS)
    return {message for _file, _line, message, _comments, _context in found}


def written(message):
    """Return a message's ids and its texts, both as tuples."""
    ids = message.id if message.pluralizable else (message.id,)
    return tuple(ids), tuple(message.string if message.pluralizable else (message.string,))


def placeholders(text):
    return set(re.findall(r"%\((\w+)\)", text))


def spoken(path):
    """Return the words that a template says without the translator being asked."""
    tokens = Environment(autoescape=True).lex(path.read_text())
    markup = "".join(text if kind == "data" else "\0" for _line, kind, text in tokens)
    markup = re.sub("\0+", "\0", markup)
    shown = NOT_SHOWN.sub("\0", markup)
    texts = [*SPOKEN.findall(markup), *shown.split("\0")]
    words = {text.strip(" ·\n") for text in texts}
    return {text for text in words if re.search(r"[^\W\d_]{2}", text) and not CODE.search(text)}


def hides_words(call):
    """Tell whether a call makes a sentence of words that the translator is not shown."""
    name = getattr(call.func, "id", "")
    if name == "Wording":
        errors = [one for one in call.keywords if getattr(one.value, "id", "") == "error"]
        return bool(errors) or not isinstance(call.args[0], ast.Constant)
    if name == "Invalid":
        fields = call.args[0]
        said = fields.values if isinstance(fields, ast.Dict) else []
        return any(isinstance(one, ast.Constant | ast.JoinedStr) for one in said)
    if name == "Unavailable":
        return any(isinstance(one, ast.Constant | ast.JoinedStr) for one in call.args)
    shown = call.args[:1] if name in {"NotFound", "NotAllowed", "Conflict", "Untrusted"} else []
    return any(isinstance(one, ast.JoinedStr) for one in shown)


def test_it_says_everything_in_german(german, used):
    assert used - {message.id for message in german if message.id} == set()


def test_it_is_shown_every_text_of_the_code(used):
    shown = {part for each in used for part in (each if isinstance(each, tuple) else (each,))}
    texts = {
        call.args[0].value
        for path in (ROOT / "app").rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in SAYS
        if call.args and isinstance(call.args[0], ast.Constant)
    }
    assert texts - shown == set()


def test_it_keeps_no_text_that_nobody_uses(german, used):
    assert {message.id for message in german if message.id} - used == set()
    assert not german.obsolete


def test_it_leaves_no_text_empty_or_in_doubt(german):
    doubtful = [m.id for m in german if m.id and (m.fuzzy or not all(written(m)[1]))]
    assert doubtful == []


def test_it_keeps_the_placeholders(german):
    for message in german:
        ids, texts = written(message)
        assert {frozenset(placeholders(text)) for text in texts} == {
            frozenset(placeholders(ids[-1]))
        }


def test_it_has_one_text_for_each_number_form(german):
    assert [(message.id, errors) for message, errors in german.check()] == []


def test_it_sets_german_quotation_marks(german):
    texts = [text for message in german for text in written(message)[1]]
    assert [text for text in texts if '"' in text or text.count("„") != text.count("“")] == []


def test_it_is_compiled_from_what_is_written(german):
    compiled = BytesIO()
    write_mo(compiled, german)
    assert GERMAN.with_suffix(".mo").read_bytes() == compiled.getvalue()


def test_it_finds_the_words_of_every_sentence_and_refusal():
    found = {
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in (ROOT / "app").rglob("*.py")
        if str(path.relative_to(ROOT)) not in SAYS_IT_AGAIN
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and hides_words(call)
    }
    assert found == set()


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.html")), ids=lambda p: p.name)
def test_it_asks_the_translator_for_every_word_of_a_template(path):
    assert spoken(path) - UNTRANSLATED == set()

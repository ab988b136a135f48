"""Every kind of error as the document that a program receives, with the facts that it names."""

import importlib
import inspect
import json
import re
import string
from collections.abc import Iterator

import pytest

from api.problems import (
    BodyTooLargeError,
    ImportingError,
    InternalError,
    InvalidRequestError,
    Problem,
    RequestRefusedError,
    TooManyQueriesError,
    WrongMethodError,
    address_of,
    kind_of,
    kinds,
    problem_of,
    title_of,
)
from api.roles import RoleError
from graph.errors import (
    BusyError,
    ComputeError,
    ConfigurationError,
    ForbiddenError,
    GraphError,
    GuardError,
    KithError,
    NotFoundError,
    RejectedError,
    SourceError,
)
from graph.language import Language, Text, speaking

LANGUAGES: tuple[Language, ...] = ("en", "zh")
# names under which an error could tell a personal value
PERSONAL = {
    "phone",
    "email",
    "mail",
    "full_name",
    "address",
    "birth_date",
    "token",
    "secret",
    "password",
    "national_id",
}
# the errors of the whole product, whatever was imported before
for module in ("api.app", "api.cli", "loaders.demo.writing", "graph.server", "algorithms.registry"):
    importlib.import_module(module)
KINDS = kinds()
every_kind = pytest.mark.parametrize("code", sorted(KINDS))


def fields(template: str) -> list[str]:
    """Return the names that a sentence leaves open."""
    return [name.partition(".")[0] for _, name, _, _ in string.Formatter().parse(template) if name]


def example(kind: type[KithError]) -> KithError:
    """Make an error with a whole number for every fact: a number fits every format."""
    # constructors of some errors work facts out; what is said of them is the same
    made = kind.__new__(kind)
    made.facts = dict.fromkeys(fields(kind.text.en) + fields(kind.text.zh), 7)
    return made


def documents(kind: type[KithError]) -> Iterator[Problem]:
    for language in LANGUAGES:
        with speaking(language):
            yield problem_of(example(kind), request_id="r7")


# ---------------------------------------------------------------- every kind


@every_kind
def test_both_languages_leave_the_same_facts_open(code: str) -> None:
    text = KINDS[code].text

    # a fact may be said in both languages under two names
    english = {name.removesuffix("_en") for name in fields(text.en)}
    assert english == {name.removesuffix("_zh") for name in fields(text.zh)}


@every_kind
def test_a_document_has_its_code_status_and_page_in_both_languages(code: str) -> None:
    english, chinese = documents(KINDS[code])

    for problem in (english, chinese):
        assert (problem.code, problem.type) == (code, f"/problems/{code}")
        assert problem.status == KINDS[code].http_status
        assert problem.request_id == "r7"
    assert english.title != chinese.title


@every_kind
def test_no_sentence_leaves_a_place_unfilled_in_either_language(code: str) -> None:
    for problem in documents(KINDS[code]):
        assert problem.detail
        assert not re.search(r"{\w+}", problem.detail)


@every_kind
def test_a_chinese_detail_is_in_chinese_unless_it_is_made_of_facts_alone(code: str) -> None:
    _, chinese = documents(KINDS[code])
    text = KINDS[code].text

    said = any("一" <= letter <= "鿿" for letter in chinese.detail)
    made_of_facts = not any("一" <= letter <= "鿿" for letter in text.zh)
    assert said or made_of_facts


@every_kind
def test_no_error_names_a_fact_that_is_personal(code: str) -> None:
    assert not set(fields(KINDS[code].text.en)) & PERSONAL


@every_kind
def test_a_document_survives_json_and_fits_its_own_schema(code: str) -> None:
    for problem in documents(KINDS[code]):
        again = Problem.model_validate(json.loads(problem.model_dump_json()))

        assert again == problem


@every_kind
def test_a_code_is_the_name_of_the_class_in_small_letters(code: str) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code)
    assert code.replace("-", "") == KINDS[code].__name__.lower()


@every_kind
def test_the_page_of_a_kind_says_the_same_as_its_documents(code: str) -> None:
    for language in LANGUAGES:
        with speaking(language):
            page, problem = kind_of(code), problem_of(example(KINDS[code]), request_id="r")

        assert (page.type, page.code, page.status) == (problem.type, code, problem.status)
        assert page.title == problem.title
        assert page.template == getattr(KINDS[code].text, language)


@every_kind
def test_a_kind_is_explained_by_one_sentence(code: str) -> None:
    about = kind_of(code).about

    assert "\n" not in about
    assert about == " ".join((inspect.getdoc(KINDS[code]) or "").split("\n\n")[0].split())


# ---------------------------------------------------------------- branches of the tree


@pytest.mark.parametrize(
    ("branch", "status"),
    [
        (ConfigurationError, 422),
        (NotFoundError, 404),
        (ForbiddenError, 403),
        (GraphError, 503),
        (BusyError, 409),
        (KithError, 500),
    ],
)
def test_a_branch_gives_its_status_to_what_hangs_on_it(
    branch: type[KithError], status: int
) -> None:
    assert branch.http_status == status


@pytest.mark.parametrize(
    "branch",
    [
        ConfigurationError,
        SourceError,
        RejectedError,
        GraphError,
        BusyError,
        ComputeError,
        NotFoundError,
        ForbiddenError,
        GuardError,
    ],
)
def test_every_branch_has_a_title_of_its_own(branch: type[KithError]) -> None:
    assert title_of(branch) != title_of(KithError)
    assert title_of(branch).en != title_of(branch).zh


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (BodyTooLargeError(limit=262_144), 413, "262144 bytes"),
        (TooManyQueriesError(limit=2), 429, "already runs 2 queries"),
        (WrongMethodError(method="PUT"), 405, "does not answer PUT"),
        (RequestRefusedError(), 400, "cannot be understood"),
        (ImportingError(seconds=30), 503, "in 30 s"),
        (InternalError(request_id="abc"), 500, "request id abc"),
        (RoleError(role="viewer", permission="cypher", roles="analyst"), 403, "viewer"),
    ],
)
def test_what_http_adds_to_the_tree_says_what_happened(
    error: KithError, status: int, *, words: str
) -> None:
    problem = problem_of(error, request_id="r")

    assert problem.status == status
    assert words in problem.detail


def test_a_text_in_two_languages_as_a_fact_follows_the_language() -> None:
    class TwofoldError(ConfigurationError):
        text = Text("Do: {remedy}", "请：{remedy}")

    error = TwofoldError(remedy=Text("wait", "等待"))

    with speaking("zh"):
        problem = problem_of(error, request_id="r")
        assert problem.facts == {"remedy": "等待"}
    assert problem.detail == "请：等待"


def test_values_that_do_not_fit_are_counted_and_none_is_shown() -> None:
    problem = problem_of(InvalidRequestError(n=2, places="query.limit, body"), request_id="r")

    assert problem.detail.startswith("2 value(s)")
    assert set(problem.facts) == {"n", "places"}


@pytest.mark.parametrize("code", ["a", "cursor-error", "table-not-found-error"])
def test_a_code_is_the_end_of_its_address(code: str) -> None:
    assert address_of(code) == f"/problems/{code}"

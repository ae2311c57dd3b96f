"""What conformance tests share: marker, check for the verifiers, authority, servers, the application."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.authority import Authority, make_authority
from tests.conformance.install import is_installed
from tests.conformance.installation import Installation
from tests.conformance.loopback import DocumentServer, serve_documents
from tests.conformance.server import Application, running_application
from tests.conformance.story import Story, tell

HERE = Path(__file__).resolve().parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a conformance test."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("conformance")


@pytest.fixture(scope="session", autouse=True)
def verifiers() -> None:
    """Skip this folder without the verifiers; fail where $LAUREL_REQUIRE says "node"."""
    if is_installed():
        return
    missing = "the verifiers of others are not installed: run python tests/conformance/install.py"
    if "node" in os.environ.get("LAUREL_REQUIRE", "").replace(",", " ").split():
        pytest.fail(missing, pytrace=False)
    pytest.skip(missing)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The test authority that the verifiers are told to trust."""
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def documents_over_https(authority: Authority) -> Iterator[DocumentServer]:
    """An empty https server on localhost: did:web works there."""
    with serve_documents(authority) as server:
        yield server


@pytest.fixture(scope="session")
def documents_over_http() -> Iterator[DocumentServer]:
    """An empty plain http server on 127.0.0.1."""
    with serve_documents(None) as server:
        yield server


@pytest.fixture(scope="session")
def application_over_https(
    authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Application]:
    """The application as in production: https, issuers are did:web."""
    with running_application(tmp_path_factory.mktemp("https"), authority=authority) as application:
        yield application


@pytest.fixture(scope="session")
def application_over_http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """The application as in the demo: plain http, issuers are did:key."""
    with running_application(tmp_path_factory.mktemp("http")) as application:
        yield application


@pytest.fixture(scope="session")
def story_over_https(application_over_https: Application, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """All that happens in `story.py`, over https with did:web, judged."""
    folder = tmp_path_factory.mktemp("story-https")
    return tell(Installation(application=application_over_https, folder=folder))


@pytest.fixture(scope="session")
def story_over_http(application_over_http: Application, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """All that happens in `story.py`, over plain http with did:key, judged."""
    folder = tmp_path_factory.mktemp("story-http")
    return tell(Installation(application=application_over_http, folder=folder))


@pytest.fixture(params=["https", "http"])
def story(request: pytest.FixtureRequest) -> Story:
    """The story, told over https and over plain http."""
    told: Story = request.getfixturevalue(f"story_over_{request.param}")
    return told

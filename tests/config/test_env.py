"""Settings are read from where the manual says, in its order; storage addresses work as they are written."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import boto3
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage, storages
from moto.server import ThreadedMotoServer

from config.env import BASE_DIR, SETTINGS, LoginProvider, login_providers, public_url, storage_options

READ = """
import json
from config.env import environment
print(json.dumps(environment().str("SECRET_KEY", default="unset")))
"""


def secret_key(data_dir: Path, **variables: str) -> str:
    """Return SECRET_KEY as a new process reads it, which has these variables and no others of ours."""
    answer = subprocess.run(
        [sys.executable, "-c", READ],
        cwd=BASE_DIR,
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(data_dir)} | variables,
        capture_output=True,
        check=True,
        text=True,
    )
    return str(json.loads(answer.stdout))


@pytest.fixture
def secret_file(tmp_path: Path) -> str:
    """A file with a secret, ending in a line break as editors and `echo` write it."""
    path = tmp_path / "mounted_secret"
    path.write_text("from the file\n")
    return str(path)


@pytest.fixture
def settings_file(tmp_path: Path) -> None:
    """A settings.env in the DATA_DIR."""
    (tmp_path / "settings.env").write_text("# made by hand\nSECRET_KEY=from settings.env\nCREDITS=enforced\n")


def test_setting_is_unset_where_nothing_sets_it(tmp_path: Path) -> None:
    assert secret_key(tmp_path) == "unset"


def test_setting_is_read_from_settings_env(tmp_path: Path, settings_file: None) -> None:
    assert secret_key(tmp_path) == "from settings.env"


def test_setting_is_read_from_named_file(tmp_path: Path, secret_file: str) -> None:
    assert secret_key(tmp_path, SECRET_KEY_FILE=secret_file) == "from the file"


def test_named_file_wins_over_settings_env(tmp_path: Path, settings_file: None, secret_file: str) -> None:
    assert secret_key(tmp_path, SECRET_KEY_FILE=secret_file) == "from the file"


def test_variable_wins_over_named_file_and_settings_env(
    tmp_path: Path, settings_file: None, secret_file: str
) -> None:
    assert (
        secret_key(tmp_path, SECRET_KEY="from the variable", SECRET_KEY_FILE=secret_file)
        == "from the variable"
    )


@pytest.mark.parametrize("value", ["a#b", "a$b", "a=b", "a b", "ü", "'quoted"])
def test_settings_env_keeps_values_as_they_are(tmp_path: Path, value: str) -> None:
    (tmp_path / "settings.env").write_text(f"SECRET_KEY={value}\n")
    assert secret_key(tmp_path) == value


def test_settings_are_named_once() -> None:
    names = [setting.name for setting in SETTINGS]
    assert sorted(set(names)) == sorted(names)


def test_settings_that_are_read_are_those_that_are_described() -> None:
    source = (BASE_DIR / "config" / "settings.py").read_text()
    read = set(re.findall(r'\benv\.\w+\(\s*"(\w+)"', source))
    assert read == {setting.name for setting in SETTINGS}


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://badges.example.org", "https://badges.example.org"),
        ("https://badges.example.org/", "https://badges.example.org"),
        ("https://badges.example.org:8443", "https://badges.example.org:8443"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_public_url_is_scheme_and_host(text: str, url: str) -> None:
    assert public_url(text) == url


@pytest.mark.parametrize(
    "text",
    [
        "",
        "badges.example.org",
        "//badges.example.org",
        "ftp://badges.example.org",
        "https://",
        "https://badges.example.org/laurel",
        "https://badges.example.org?x=1",
        "https://badges.example.org#top",
        "https://user:password@badges.example.org",
        "https://badges example.org",
        "https://bücher.example.org",
    ],
)
def test_public_url_refuses_anything_else(text: str) -> None:
    with pytest.raises(
        ImproperlyConfigured, match=r"PUBLIC_URL must be like https://badges.example.org, without a path"
    ):
        public_url(text)


def storage(url: str, media_root: Path) -> Storage:
    """Return the storage as Django makes it of STORAGE_URL."""
    return storages.create_storage(storage_options(url, media_root))


def test_storage_is_a_folder_unless_told(tmp_path: Path) -> None:
    made = storage("", tmp_path / "media")
    name = made.save("pictures/logo.png", ContentFile(b"picture"))
    assert isinstance(made, FileSystemStorage)
    assert (tmp_path / "media" / name).read_bytes() == b"picture"
    assert made.url(name) == "/media/pictures/logo.png"


def test_storage_in_a_folder_of_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "two words"
    made = storage(f"file://{str(folder).replace(' ', '%20')}", tmp_path / "media")
    made.save("logo.png", ContentFile(b"picture"))
    assert (folder / "logo.png").read_bytes() == b"picture"
    assert made.url("logo.png") == "/media/logo.png"
    assert not (tmp_path / "media").exists()


@pytest.mark.parametrize(
    ("url", "options"),
    [
        (
            "s3://KEY:SECRET@aws/pictures?region_name=eu-south-1",
            {
                "access_key": "KEY",
                "secret_key": "SECRET",
                "bucket_name": "pictures",
                "region_name": "eu-south-1",
                "querystring_auth": False,
                "file_overwrite": False,
            },
        ),
        (
            "s3:///pictures",  # the key is that of the machine
            {"bucket_name": "pictures", "querystring_auth": False, "file_overwrite": False},
        ),
        (
            "s3://KEY:a%2Fb%2Bc%40@objects.example.org:9000/pictures",
            {
                "endpoint_url": "https://objects.example.org:9000",
                "access_key": "KEY",
                "secret_key": "a/b+c@",
                "bucket_name": "pictures",
                "querystring_auth": False,
                "file_overwrite": False,
            },
        ),
    ],
)
def test_storage_url_of_s3_is_understood(url: str, options: dict[str, Any], tmp_path: Path) -> None:
    assert storage_options(url, tmp_path) == {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


def test_storage_url_of_google_is_understood(tmp_path: Path) -> None:
    assert storage_options("gs://pictures?project_id=school", tmp_path) == {
        "BACKEND": "storages.backends.gcloud.GoogleCloudStorage",
        "OPTIONS": {
            "bucket_name": "pictures",
            "project_id": "school",
            "querystring_auth": False,
            "file_overwrite": False,
        },
    }


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("s3://KEY:SECRET@objects.example.org", "STORAGE_URL names no bucket"),
        ("s3://KEY:SECRET@objects.example.org/", "STORAGE_URL names no bucket"),
        ("ftp://files.example.org/pictures", "STORAGE_URL begins with ftp"),
        ("/srv/pictures", "STORAGE_URL begins with nothing"),
    ],
)
def test_storage_url_of_another_kind_is_refused(url: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match=message):
        storage_options(url, tmp_path)


@pytest.mark.parametrize(("text", "is_set"), [("1", True), ("true", True), ("0", False), ("false", False)])
def test_storage_url_may_switch_signed_addresses(text: str, is_set: bool, tmp_path: Path) -> None:
    options = storage_options(f"s3:///pictures?querystring_auth={text}", tmp_path)["OPTIONS"]
    assert options["querystring_auth"] is is_set


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """HOST:PORT of a server that speaks S3, with a bucket `pictures`."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    client = boto3.client(
        "s3",
        endpoint_url=f"http://{host}:{port}",
        region_name="us-east-1",
        aws_access_key_id="KEY",
        aws_secret_access_key="SECRET",
    )
    client.create_bucket(Bucket="pictures", ACL="public-read")
    yield f"{host}:{port}"
    server.stop()


def test_s3_storage_saves_opens_and_deletes(s3: str, tmp_path: Path) -> None:
    made = storage(f"s3://KEY:SECRET@{s3}/pictures?insecure=1&region_name=us-east-1", tmp_path)
    name = made.save("logos/logo.png", ContentFile(b"picture"))
    assert name == "logos/logo.png"
    assert made.exists(name)
    with made.open(name) as file:
        assert file.read() == b"picture"
    made.delete(name)
    assert not made.exists(name)
    with pytest.raises(FileNotFoundError):
        made.open(name).read()


def test_s3_storage_never_overwrites(s3: str, tmp_path: Path) -> None:
    made = storage(f"s3://KEY:SECRET@{s3}/pictures?insecure=1&region_name=us-east-1", tmp_path)
    first = made.save("twice.png", ContentFile(b"first"))
    second = made.save("twice.png", ContentFile(b"second"))
    assert first != second
    with made.open(first) as file:
        assert file.read() == b"first"


def test_s3_storage_has_addresses_that_can_be_fetched(s3: str, tmp_path: Path) -> None:
    made = storage(
        f"s3://KEY:SECRET@{s3}/pictures?insecure=1&region_name=us-east-1&default_acl=public-read", tmp_path
    )
    name = made.save("public.png", ContentFile(b"picture"))
    url = made.url(name)
    assert url == f"http://{s3}/pictures/public.png"
    with urlopen(url, timeout=5) as answer:  # noqa: S310 - the server above
        assert answer.read() == b"picture"


def test_login_providers_are_read() -> None:
    text = json.dumps(
        [
            {
                "issuer": "https://id.example.org",
                "audience": "laurel",
                "jwks_url": "https://id.example.org/jwks.json",
                "domains": ["Example.org", "@school.example"],
            },
            {
                "issuer": "https://login.example.com/tenant/",
                "name": "School",
                "client_id": "c",
                "client_secret": "s",
            },
            {"issuer": "http://localhost:8080/realms/x", "client_id": "c"},
        ]
    )
    first = LoginProvider(
        issuer="https://id.example.org",
        name="id.example.org",
        audience="laurel",
        jwks_url="https://id.example.org/jwks.json",
        domains=("example.org", "school.example"),
    )
    second = LoginProvider(
        issuer="https://login.example.com/tenant/", name="School", client_id="c", client_secret="s"
    )
    third = LoginProvider(issuer="http://localhost:8080/realms/x", name="localhost", client_id="c")

    assert login_providers(text) == ([first, second, third], [])
    assert login_providers(" ") == ([], [])
    assert "client_secret" not in repr(second)


RIGHT = {"issuer": "https://id.example.org", "client_id": "laurel"}


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ({}, "It is no list."),
        (["x"], "Entry 1 is no object."),
        ([RIGHT, {"issuer": "https://b.example.org"}], "Entry 2 needs an audience (for programs)"),
        ([RIGHT | {"issuer": ""}], "Entry 1 needs an issuer"),
        ([{"client_id": "laurel"}], "Entry 1 needs an issuer"),
        ([RIGHT | {"issuer": "http://id.example.org"}], "Entry 1 needs an issuer"),
        ([RIGHT | {"issuer": "https://id.example.org/?a=b"}], "Entry 1 needs an issuer"),
        ([RIGHT | {"issuer": "https://[id"}], "Entry 1 needs an issuer"),
        ([RIGHT | {"client_id": 7}], "Entry 1 has a value that is no text: client_id."),
        ([RIGHT | {"clientSecret": "very-secret"}], "Entry 1 has clientSecret, which is not known"),
        ([RIGHT | {"domains": "example.org"}], "Entry 1 has domains that are no list"),
        ([RIGHT | {"jwks_url": "keys"}], "Entry 1 has a jwks_url that is no web address."),
        (
            [{"issuer": RIGHT["issuer"], "audience": "a", "client_secret": "very-secret"}],
            "without a client_id",
        ),
        ([RIGHT, RIGHT], "https://id.example.org is there more than once."),
    ],
    ids=str,
)
def test_login_providers_that_are_not_as_they_must_be_let_nobody_in(value: Any, fault: str) -> None:
    providers, faults = login_providers(json.dumps(value))

    assert (providers, len(faults)) == ([], 1)
    assert fault in faults[0]
    assert "very-secret" not in faults[0]


def test_login_providers_that_are_no_json_let_nobody_in() -> None:
    providers, faults = login_providers('[{"issuer": very-secret')

    assert providers == []
    assert faults == ["It is not JSON: Expecting value: line 1 column 13 (char 12)."]

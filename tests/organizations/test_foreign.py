"""What the server fetches for its clients: public addresses alone, briefly, within limits, and told plainly when not."""

import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest

from organizations.services import foreign
from organizations.services.foreign import NotFetched, fetch_foreign, is_public
from tests.foreign import PUBLIC, Site, foreign_site

URL = "http://pictures.example/logo.png"
MIB = 1024 * 1024


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A web site of somebody else's with a logo."""
    with foreign_site(monkeypatch) as running:
        running.replies["/logo.png"] = (200, {"Content-Type": "image/png"}, b"a picture")
        yield running


def refused(url: str, *, max_bytes: int = MIB) -> str:
    """Return why an address was not fetched."""
    with pytest.raises(NotFetched) as refusal:
        fetch_foreign(url, max_bytes=max_bytes)
    return str(refusal.value)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0"),  # noqa: S104
        *("100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
        *("::1", "::", "fe80::1", "fe80::1%eth0", "fec0::1", "fd00::1", "ff02::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::"),
        *("", "localhost", "0x7f.1"),
    ],
)
def test_is_public_refuses_own_private_and_reserved_addresses(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_is_public_takes_addresses_of_the_internet(address: str) -> None:
    assert is_public(address)


def test_fetch_foreign_asks_the_address_that_it_checked(site: Site) -> None:
    assert fetch_foreign(f"{URL}", max_bytes=MIB) == b"a picture"

    assert site.connected == [(PUBLIC, 80)]
    assert site.asked == [("pictures.example", "/logo.png")]


def test_fetch_foreign_keeps_query_and_odd_characters(site: Site) -> None:
    site.replies["/a%20%C3%A9/%2Fb?x=1&y=%20"] = (200, {}, b"odd")

    assert fetch_foreign("http://pictures.example/a é/%2Fb?x=1&y=%20#part", max_bytes=MIB) == b"odd"


@pytest.mark.parametrize(
    "url",
    [
        *("http://127.0.0.1/", "http://localhost/", "http://[::1]/", "http://0x7f.1/", "http://2130706433/"),
        *("http://169.254.169.254/latest/meta-data/", "http://[::ffff:127.0.0.1]/"),
    ],
)
def test_fetch_foreign_refuses_what_is_not_public(site: Site, url: str) -> None:
    assert refused(url) == "it is not on the public internet"
    assert site.connected == []


def test_fetch_foreign_refuses_a_name_of_which_one_address_is_private(site: Site) -> None:
    site.names["pictures.example"] = [PUBLIC, "10.0.0.1"]

    assert refused(URL) == "it is not on the public internet"
    assert site.connected == []


def test_fetch_foreign_does_not_follow_a_redirect_into_the_own_network(site: Site) -> None:
    site.replies["/logo.png"] = (302, {"Location": "http://127.0.0.1/secret"}, b"")

    assert refused(URL) == "it is not on the public internet"
    assert site.connected == [(PUBLIC, 80)]


def test_fetch_foreign_follows_redirects_elsewhere(site: Site) -> None:
    site.names["cdn.example"] = ["8.8.8.8"]
    site.replies["/logo.png"] = (301, {"Location": "//cdn.example/moved.png"}, b"")
    site.replies["/moved.png"] = (200, {}, b"moved")

    assert fetch_foreign(URL, max_bytes=MIB) == b"moved"
    assert site.connected == [(PUBLIC, 80), ("8.8.8.8", 80)]


def test_fetch_foreign_ends_a_circle(site: Site) -> None:
    site.replies["/logo.png"] = (302, {"Location": "/logo.png"}, b"")

    assert refused(URL) == "it redirects too often"
    assert len(site.asked) == foreign.MAX_REDIRECTS + 1


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://pictures.example/a", "it is not a web address"),
        ("file:///etc/hostname", "it is not a web address"),
        ("//pictures.example/a", "it is not a web address"),
        ("http:///a", "it is not a web address"),
        ("http://pictures.example:99999/", "it is not a web address"),
        ("http://[::1/", "it is not a web address"),
        ("http://a:b@pictures.example/", "it has a name or a password in it"),
        ("http://pictures.example:22/", "it names an unusual port"),
        ("https://pictures.example:80/", "it names an unusual port"),
        (f"http://{'a' * 70}.example/", "it is not a web address"),
    ],
)
def test_fetch_foreign_refuses_other_addresses(url: str, reason: str) -> None:
    assert refused(url) == reason


def test_fetch_foreign_takes_as_much_as_it_may_and_no_more(site: Site) -> None:
    site.replies["/logo.png"] = (200, {}, b"x" * MIB)

    assert len(fetch_foreign(URL, max_bytes=MIB)) == MIB
    site.replies["/logo.png"] = (200, {}, b"x" * (MIB + 1))
    assert refused(URL) == "what is there is larger than 1 MiB"


def test_fetch_foreign_refuses_what_is_not_there(site: Site) -> None:
    assert refused("http://pictures.example/none.png") == "it answers with the status 404"


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_fetch_foreign_does_not_wait_for_what_drips(
    site: Site, monkeypatch: pytest.MonkeyPatch, head: bytes
) -> None:
    def drip(page: BaseHTTPRequestHandler) -> None:
        page.wfile.write(head)
        try:
            for _ in range(100):
                page.wfile.write(b"x")
                page.wfile.flush()
                time.sleep(0.05)
        except OSError:
            pass

    site.replies["/logo.png"] = drip
    monkeypatch.setattr(foreign, "TIMEOUT", 0.5)
    began = time.monotonic()

    assert refused(URL).startswith("it did not answer within")
    assert time.monotonic() - began < 4  # of 5 seconds that the whole takes


def test_fetch_foreign_refuses_what_is_no_http(site: Site) -> None:
    site.replies["/logo.png"] = lambda page: page.wfile.write(b"\x00\x01 nothing\r\n\r\n")

    assert refused(URL) == "it gives no answer"


def test_fetch_foreign_speaks_https_or_nothing(site: Site) -> None:
    assert refused("https://pictures.example/logo.png") == "it gives no answer"
    assert site.connected == [(PUBLIC, 443)]
    assert site.asked == []

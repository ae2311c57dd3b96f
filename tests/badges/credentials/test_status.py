"""Status lists: the bits of the standard, and places that tell nothing."""

import base64
import gzip
import zlib

import pytest
from hypothesis import given, settings, strategies

from badges.credentials.exceptions import UnreadableStatusList
from badges.credentials.status import MAXIMUM_SIZE, MINIMUM_SIZE, decode, encode, is_set, position

# Bitstring Status List v1.0, example of an encodedList: no bit set
EXAMPLE = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"


def packed(content: bytes) -> str:
    return "u" + base64.urlsafe_b64encode(gzip.compress(content)).rstrip(b"=").decode()


def test_list_of_the_standard_is_read() -> None:
    assert decode(EXAMPLE).indices() == []
    assert len(decode(EXAMPLE)) == 131_072


def test_first_bit_is_the_leftmost() -> None:
    content = zlib.decompress(base64.urlsafe_b64decode(encode([0, 9])[1:] + "=="), wbits=31)
    assert content[:3] == bytes([0b10000000, 0b01000000, 0])


@settings(deadline=None, max_examples=30)
@given(strategies.sets(strategies.integers(0, MINIMUM_SIZE - 1), max_size=50))
def test_indices_come_back(indices: set[int]) -> None:
    assert decode(encode(indices)).indices() == sorted(indices)


def test_bit_is_told() -> None:
    text = encode([0, 4711, 131_071])
    assert [is_set(text, index) for index in (0, 1, 4710, 4711, 4712, 131_070, 131_071)] == [
        True,
        False,
        False,
        True,
        False,
        False,
        True,
    ]


def test_same_indices_give_the_same_text() -> None:
    assert encode([1, 2]) == encode([2, 1, 1])
    assert encode([1], 262_144) != encode([1])


def test_list_without_multibase_mark_is_read() -> None:
    assert decode(encode([5])[1:]).indices() == [5]


@pytest.mark.parametrize("index", [-1, MINIMUM_SIZE])
def test_index_outside_is_refused(index: int) -> None:
    with pytest.raises(IndexError, match="131072 entries"):
        encode([index])
    with pytest.raises(IndexError, match="131072 entries"):
        is_set(EXAMPLE, index)


@pytest.mark.parametrize("size", [0, 8, MINIMUM_SIZE - 8, MINIMUM_SIZE + 1, MAXIMUM_SIZE + 8])
def test_size_that_the_standard_does_not_allow_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="A status list has"):
        encode([], size)


@pytest.mark.parametrize(
    "text",
    ["", "u", "uAAAA", "u!!!", EXAMPLE[:40], packed(bytes(MAXIMUM_SIZE // 8 + 1))],
    ids=["empty", "nothing", "no gzip", "no base64", "cut off", "bomb"],
)
def test_what_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(UnreadableStatusList):
        decode(text)


def test_positions_take_every_place_once_and_do_not_tell_the_order() -> None:
    places = [position(counter, MINIMUM_SIZE, 77, 48_271) for counter in range(MINIMUM_SIZE)]
    assert sorted(places) == list(range(MINIMUM_SIZE))
    assert places[:3] == [77, 48_348, 96_619]


@pytest.mark.parametrize(("counter", "stride"), [(-1, 3), (MINIMUM_SIZE, 3), (0, 2), (0, 0)])
def test_positions_that_collide_or_run_out_are_refused(counter: int, stride: int) -> None:
    with pytest.raises(ValueError, match=r"has no place|shares a factor"):
        position(counter, MINIMUM_SIZE, 0, stride)

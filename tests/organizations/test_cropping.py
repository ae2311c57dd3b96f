"""The square that is made of a picture."""

import pytest
from PIL import Image

from organizations.cropping import Crop


@pytest.mark.parametrize(
    ("crop", "box"),
    [
        (Crop(), (30, 0, 90, 60)),
        (Crop(left=0), (0, 0, 60, 60)),
        (Crop(left=1, top=1, size=0.5), (90, 30, 120, 60)),
        (Crop(size=0.001), (60, 30, 61, 31)),
    ],
    ids=str,
)
def test_square_is_cut_where_it_was_chosen(crop: Crop, box: tuple[int, int, int, int]) -> None:
    image = Image.linear_gradient("L").resize((120, 60))

    assert crop.cut(image).tobytes() == image.crop(box).tobytes()


def test_whole_picture_has_transparent_room_beside_it() -> None:
    square = Crop(is_whole=True).cut(Image.new("L", (40, 20), 7))

    assert (square.mode, square.size) == ("RGBA", (40, 40))
    assert square.getcolors() == [(800, (255, 255, 255, 0)), (800, (7, 7, 7, 255))]
    upright = Image.new("L", (20, 20))
    assert Crop(is_whole=True).cut(upright) is upright


def test_picture_is_decoded_as_large_as_its_square_needs() -> None:
    assert Crop(size=0.25).limit((3000, 2000), 1200) == 7200
    assert Crop().limit((2000, 3000), 1200) == 1800
    assert Crop(is_whole=True).limit((3000, 2000), 1200) == 1200

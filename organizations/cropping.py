"""The square that is made of a picture: cut out of it, or all of it with room around."""

import math
from dataclasses import dataclass

from PIL import Image


@dataclass(frozen=True, slots=True, kw_only=True)
class Crop:
    """Which square to make of a picture: all numbers are 0 to 1, so that they fit whatever size it is decoded at.

    `size` is the side as part of the picture's shorter side; `left` and `top` say where the square is in the room that is
    left: 0 at the left or upper edge, 1 at the other, 0.5 in the middle. With `is_whole` nothing is cut off; there is
    transparent room beside it instead.
    """

    left: float = 0.5
    top: float = 0.5
    size: float = 1.0
    is_whole: bool = False

    def limit(self, size: tuple[int, int], wanted: int) -> int:
        """Return how long the longer side must be at most for the square to have `wanted` pixels a side."""
        if self.is_whole:
            return wanted
        return math.ceil(wanted * max(size) / (min(size) * self.size))

    def cut(self, image: Image.Image) -> Image.Image:
        """Return the square."""
        width, height = image.size
        if self.is_whole:
            side = max(width, height)
            if width == height:
                return image
            square = Image.new("RGBA", (side, side), (255, 255, 255, 0))
            square.paste(image.convert("RGBA"), ((side - width) // 2, (side - height) // 2))
            return square
        side = max(1, round(min(width, height) * self.size))
        left, top = round((width - side) * self.left), round((height - side) * self.top)
        return image.crop((left, top, left + side, top + side))

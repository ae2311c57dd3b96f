"""What the credentials package refuses, read as facts. Each is a ValueError with a sentence for people."""


class Refused(ValueError):
    """The base of every refusal of this package."""


class Unsignable(Refused):
    """A value would make a badge's signature fail in other software. `field` is dotted where it is nested."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        self.message = message
        super().__init__(f"{field}: {message}")


class NotCanonical(Refused):
    """A document has content that would not be signed, or that verifiers would not read the same way."""


class UnreadableStatusList(Refused):
    """A text is not an encoded status list."""


class UnreadablePicture(Refused):
    """A file is not a picture of the kind that it should be, or is damaged."""


class NothingBaked(Refused):
    """A picture is sound, but there is no badge in it."""

"""What the credentials package refuses, read as facts. Each is a ValueError with a sentence for people."""


def gettext_noop(message: str) -> str:
    """Mark a sentence for the catalogues of other languages. Whoever shows it translates it: no language is known here."""
    return message


class Refused(ValueError):
    """The base of every refusal of this package."""


class Unsignable(Refused):
    """A value would make a badge's signature fail in other software. `field` is dotted where it is nested.

    `message` is the sentence in English; for another language translate `sentence`, then put in the `values`.
    """

    def __init__(self, field: str, sentence: str, **values: object) -> None:
        self.field = field
        self.sentence = sentence
        self.values = values
        self.message = sentence % values
        super().__init__(f"{field}: {self.message}")


class NotCanonical(Refused):
    """A document has content that would not be signed, or that verifiers would not read the same way."""


class UnreadableStatusList(Refused):
    """A text is not an encoded status list."""


class UnreadablePicture(Refused):
    """A file is not a picture of the kind that it should be, or is damaged."""


class NothingBaked(Refused):
    """A picture is sound, but there is no badge in it."""

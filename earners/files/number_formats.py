"""Numbers and dates of a workbook as text, as a person sees them in the cell."""

import re
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format

# Shown in the order of the reader's own country, so there is no one text that everybody sees: ISO 8601 is
# read everywhere.
LOCAL_DATES = frozenset([BUILTIN_FORMATS[14], BUILTIN_FORMATS[22]])
DATE_PART = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[[^\]]*\]|_.|\*.|(?P<half>AM/PM|A/P)|(?P<code>y+|m+|d+|h+|s+)(?P<fraction>\.0+)?'
    r"|(?P<plain>[^A-Za-z])|(?P<unknown>.)",
    re.IGNORECASE,
)
ZEROS = re.compile(r"0+\Z")
DECIMALS = re.compile(r"(?:#,##)?0\.(0+)\Z|#?,?#*0\.(0+)")
PERCENT = re.compile(r"0(?:\.(0+))?%")
QUOTED_OR_BRACKETED = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')
LONGEST_NUMBER = 40  # characters; what programs write has at most 24
LONGEST_CODE = 255  # characters, as Excel allows
MAX_EXPONENT = 21
EXACT = Context(prec=300, rounding=ROUND_HALF_UP)


def shown_number(text: str, code: str, *, is_from_1904: bool = False) -> str:
    """Return a number cell's stored text as its format shows it.

    Dates and times follow the format where it is made of digits ("dd/mm/yyyy"); formats with names of months
    or in the order of the reader's country give `2026-01-31` and `2026-01-31 09:30`. Leading zeros, decimals
    and percent follow the format; there are no signs between thousands and no currency, and the decimal sign
    is a full stop, because those differ by country. A number without a format keeps its 15 digits and has no
    exponent: "393331234567", where a narrow cell shows 3.93E+11.
    """
    text = text.strip()
    if len(text) > LONGEST_NUMBER:
        return text
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    if not number.is_finite():
        return text
    # Very large and very small numbers stay as stored: an exponent must not ask for a billion zeros.
    if number and not -MAX_EXPONENT <= number.adjusted() < MAX_EXPONENT:
        return text
    if len(code) > LONGEST_CODE:
        return _general(number)
    if is_timedelta_format(code):
        return _duration(number, code)
    if is_date_format(code):
        moment = _moment(number, is_from_1904=is_from_1904)
        if moment is not None:
            return _shown_moment(moment, number, code)
    plain = QUOTED_OR_BRACKETED.sub("", code.split(";", maxsplit=1)[0]).strip()
    if ZEROS.match(plain):
        return f"{_rounded(number, 0):f}".zfill(len(plain) + (number < 0))
    if percent := PERCENT.search(plain):
        return f"{_rounded(number * 100, len(percent[1] or '')):f}%"
    if decimals := DECIMALS.search(plain):
        return f"{_rounded(number, len(decimals[1] or decimals[2])):f}"
    return _general(number)


def _rounded(number: Decimal, places: int) -> Decimal:
    """Round halves up, as spreadsheets do: a mark of 28.125 is shown as 28.13."""
    return number.quantize(Decimal(1).scaleb(-places), context=EXACT)


def _general(number: Decimal) -> str:
    """Undo what binary fractions do to stored text: 0.10000000000000001 is 0.1."""
    text = f"{Decimal(f'{number:.15g}'):f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text


def _moment(number: Decimal, *, is_from_1904: bool) -> datetime | None:
    """Return the time of a serial number, to the second; None outside of the years 1900 to 9999.

    Excel counts a 29 February 1900 that never was (ECMA-376 part 1, 18.17.4.1), so days before it are one
    behind.
    """
    if number < 0:
        return None
    epoch = datetime(1904, 1, 1) if is_from_1904 else datetime(1899, 12, 30)  # noqa: DTZ001  (cells have no zone)
    if not is_from_1904 and 0 < number < 60:
        epoch += timedelta(days=1)
    try:
        return epoch + timedelta(seconds=round(number * 86400))
    except OverflowError:
        return None


def _shown_moment(moment: datetime, number: Decimal, code: str) -> str:
    code = code.split(";", maxsplit=1)[0]
    if code not in LOCAL_DATES and (shown := _by_code(moment, code)) is not None:
        return shown
    bare = QUOTED_OR_BRACKETED.sub("", code)
    has_date = re.search("[yd]", bare, re.IGNORECASE) is not None or "mmm" in bare.lower()
    has_time = re.search("[hs]", bare, re.IGNORECASE) is not None
    clock = moment.strftime("%H:%M:%S" if moment.second else "%H:%M")
    if has_time and not has_date and number < 1:
        return clock
    return f"{moment:%Y-%m-%d} {clock}" if has_time else f"{moment:%Y-%m-%d}"


def _by_code(moment: datetime, code: str) -> str | None:
    """Return the time as the format's letters say, or None where they need names of days or months."""
    parts = list(DATE_PART.finditer(code))
    codes = [part["code"].lower() if part["code"] else "" for part in parts]
    is_half_day = any(part["half"] for part in parts)
    shown: list[str] = []
    for index, part in enumerate(parts):
        if part["unknown"]:
            return None
        if part["half"]:
            shown.append("AM" if moment.hour < 12 else "PM")
        elif letters := codes[index]:
            if len(letters) > 2 and letters[0] != "y":
                return None
            before = next((other for other in reversed(codes[:index]) if other), "")
            after = next((other for other in codes[index + 1 :] if other), "")
            # "m" is minutes after hours and before seconds, months elsewhere.
            is_minute = letters[0] == "m" and (before.startswith("h") or after.startswith("s"))
            shown.append(_field(moment, letters, is_minute=is_minute, is_half_day=is_half_day))
        else:
            shown.append(part["quoted"] or part["escaped"] or (part["plain"] or "").replace("@", ""))
    return "".join(shown).strip()


def _field(moment: datetime, letters: str, *, is_minute: bool, is_half_day: bool) -> str:
    if letters[0] == "y":
        return f"{moment.year % 100:02}" if len(letters) <= 2 else f"{moment.year:04}"
    hour = (moment.hour % 12 or 12) if is_half_day else moment.hour
    value = {
        "m": moment.minute if is_minute else moment.month,
        "d": moment.day,
        "h": hour,
        "s": moment.second,
    }[letters[0]]
    return f"{value:0{len(letters)}}"


def _duration(number: Decimal, code: str) -> str:
    """Return hours beyond 24, as `[h]:mm:ss` shows them."""
    seconds = round(abs(number) * 86400)
    sign = "-" if number < 0 else ""
    if "h" not in code.lower():
        return f"{sign}{seconds // 60}:{seconds % 60:02}"
    shown = f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}"
    return f"{shown}:{seconds % 60:02}" if "s" in code.lower() else shown

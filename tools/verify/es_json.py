"""JSON as the documents of Consentry are written: as ECMAScript writes it, and as RFC 8785 orders it."""

import json
import re

# A document with more nested levels is refused.
MAX_DEPTH = 64
# Above this, ECMAScript's numbers are no longer exact.
MAX_SAFE = 2**53


class Malformed(Exception):
    """The text or value is not in the format."""


class _Missing:
    """The value of a member that is not there, which is not null."""

    def __bool__(self):
        return False


MISSING = _Missing()


def parse(text):
    """Parses JSON. Raises Malformed for anything else, and beyond 64 nested levels."""

    def refuse(constant):
        raise Malformed(f"{constant} is no JSON")

    def integer(digits):
        number = int(digits)
        return number if abs(number) <= MAX_SAFE else float(digits)

    try:
        value = json.loads(text, parse_constant=refuse, parse_int=integer)
    except (ValueError, RecursionError) as error:
        raise Malformed(str(error)) from None
    level = [value]
    for depth in range(MAX_DEPTH + 2):
        if not level:
            return value
        if depth > MAX_DEPTH:
            break
        below = [one for one in level if isinstance(one, (dict, list))]
        level = [inner for one in below for inner in (one.values() if isinstance(one, dict) else one)]
    raise Malformed(f"more than {MAX_DEPTH} nested levels")


def decode(content):
    """Decodes UTF-8, strictly."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed(f"it is not UTF-8: {error}") from None


def _number(value):
    if isinstance(value, int):
        if abs(value) <= MAX_SAFE:
            return str(value)
        value = float(value)
    if value != value or value in (float("inf"), float("-inf")):
        raise Malformed("a number is too large")
    if value == int(value) and abs(value) <= MAX_SAFE:
        return str(int(value))
    # Both languages print the shortest digits that give the same double. Only the notation differs.
    mantissa, _, exponent = repr(value).partition("e")
    sign, mantissa = ("-", mantissa[1:]) if mantissa.startswith("-") else ("", mantissa)
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + ("" if fraction == "0" else fraction)).lstrip("0")
    point = int(exponent or 0) + len(whole)
    if whole == "0":
        point -= len(fraction) - len(fraction.lstrip("0")) + 1
    digits = digits.rstrip("0") or "0"
    if 0 < point <= 21:
        whole, fraction = digits[:point].ljust(point, "0"), digits[point:]
        return f"{sign}{whole}.{fraction}" if fraction else sign + whole
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    rest = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{rest}e{'+' if point > 0 else '-'}{abs(point - 1)}"


_ESCAPED = re.compile(r'[\x00-\x1f"\\\ud800-\udfff]')
_SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _string(text):
    return '"' + _ESCAPED.sub(lambda found: _SHORT.get(found[0]) or f"\\u{ord(found[0]):04x}", text) + '"'


def _scalar(value):
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return _string(value) if isinstance(value, str) else _number(value)


def write(value, indent=0, depth=0):
    """The text of `JSON.stringify(value, null, indent)`."""
    if not isinstance(value, (dict, list)):
        return _scalar(value)
    colon = ": " if indent else ":"
    if isinstance(value, dict):
        inner = [f"{_string(name)}{colon}{write(one, indent, depth + 1)}" for name, one in value.items()]
    else:
        inner = [write(one, indent, depth + 1) for one in value]
    begin, end = "{}" if isinstance(value, dict) else "[]"
    if not inner or not indent:
        return begin + ",".join(inner) + end
    margin = "\n" + " " * indent * (depth + 1)
    return begin + margin + f",{margin}".join(inner) + "\n" + " " * indent * depth + end


def canonical(value):
    """Canonical JSON (RFC 8785): members in the order of their UTF-16 code units."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(f"{_string(name)}:{canonical(value[name])}" for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(canonical(one) for one in value) + "]"
    return _scalar(value)


def require(holds, what):
    """Raises Malformed unless the condition holds."""
    if not holds:
        raise Malformed(what)


def members(value, required, optional=()):
    """Requires an object with these members and no other."""
    require(isinstance(value, dict), "it is not an object")
    for name in required:
        require(name in value, f"{name} is missing")
    for name in value:
        require(name in required or name in optional, f"{name} does not belong here")
    return value


def is_count(value):
    """Whether a parsed number is a whole one, from 0, that ECMAScript has exactly."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return value == int(value) and 0 <= value < MAX_SAFE if value == value and abs(value) != float("inf") else False

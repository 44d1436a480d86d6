"""Rows of the tables `event` and `event_personal`, and the leaves that they must have given (docs/formats.md, "Leaves")."""

import hashlib
import re
import uuid

from es_json import Malformed, canonical, parse, require


def leaf_of(row):
    """The leaf of an event, from its row as `row_to_json` of PostgreSQL gives it."""
    members = {
        "at": moment(row["at"]),
        "call": None if row["call_id"] is None else str(uuid.UUID(row["call_id"])),
        "data": row["data"],
        "id": row["id"],
        "type": row["type"],
        "uuid": str(uuid.UUID(row["uuid"])),
    }
    if row["personal_hash"] is not None:
        members["personal"] = unescape(row["personal_hash"]).hex()
    return canonical(members).encode()


def moment(text):
    """A time in UTC, as PostgreSQL writes it, in the spelling of a leaf: at least three digits of a second."""
    found = re.fullmatch(r"(\d{4,}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d+))?(?:Z|\+00(?::00)?)", text)
    require(found, f"{text} is not a time in UTC: export with `set timezone to 'UTC'`")
    return f"{found[1]}T{found[2]}.{(found[3] or '').ljust(3, '0')}Z"


def unescape(text):
    """The bytes of a bytea in hex format."""
    require(isinstance(text, str) and re.fullmatch(r"\\x(?:[0-9a-f]{2})*", text), "a bytea is malformed")
    return bytes.fromhex(text[2:])


def personal_hash(row):
    """The hash of a row of `event_personal`. None if an erasure took its salt."""
    salt = unescape(row["salt"])
    return hashlib.sha256(salt + canonical(row["data"]).encode()).digest() if salt else None


def read_rows(path):
    """The rows of a file with one JSON object a line."""
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                yield parse(line)
            except Malformed as error:
                raise Malformed(f"{path}, line {number}: {error}") from None

"""Receipts of calls (docs/formats.md)."""

import hashlib

from entry import check_entered, check_entered_form, check_witnesses, ordered_entered
from es_json import Malformed, canonical, decode, is_count, members, parse, require, write
from keys import check_rotations_form, own_checkpoint
from merkle import leaf_hash, root_from_path
from notes import from_base64
from statement import place_of_decision, statement_of

VERSION = 1
MAX_LEAF_BYTES = 0xFFFF
MAX_PATH = 64
MAX_WITNESSES = 16
SIGNED = ("checkpoint", "key", "witnesses")
CALLER_MEMBERS = ("caller", "dialled", "digit", "words")


class Unproven(Exception):
    """An event is not in the log, or its personal data is not what was logged."""


class Differs(Exception):
    """The document says something else than its events."""


def verify_receipt(content, trust):
    """Verifies the bytes of a receipt under trusted keys. Returns its statement and its witnesses, or raises."""
    receipt = parse(decode(content))
    require(isinstance(receipt, dict), "it is not an object")
    version = receipt.get("consentryReceipt")
    require(version == VERSION and not isinstance(version, bool), f"only receipts of version {VERSION} can be read here")
    members(receipt, ("consentryReceipt", "statement", "events", *SIGNED, "entered", "rotations"))
    require(isinstance(receipt["statement"], dict), "the statement is not an object")
    require(isinstance(receipt["events"], list) and receipt["events"], "it has no events")
    for event in receipt["events"]:
        check_event_form(event, CALLER_MEMBERS)
    check_signers_form(receipt)
    check_entered_form(receipt["entered"])
    check_rotations_form(receipt["rotations"])
    checkpoint, witnessed, chain = own_checkpoint(receipt, trust)
    leaves = [prove(event, checkpoint) for event in receipt["events"]]
    call = next((leaf.get("call") for leaf in leaves if leaf.get("type") == "call.started"), None)
    if call is None or any(leaf.get("call") != call for leaf in leaves):
        raise Unproven("an event belongs to another call")
    indexes = [event["index"] for event in receipt["events"]]
    if any(later <= earlier for earlier, later in zip(indexes, indexes[1:])):
        raise Unproven("the events are not in the order of the log")
    opened = [event.get("personal", {}).get("data", {}) for event in receipt["events"]]
    try:
        statement = statement_of(list(zip(leaves, opened)))
    except (KeyError, TypeError, AttributeError) as error:
        raise Unproven(f"its events cannot be read: {error!r}") from None
    check_entry(receipt, leaves, checkpoint, chain, trust)
    rebuilt = {
        "consentryReceipt": VERSION,
        "statement": statement,
        "events": [ordered(event) for event in receipt["events"]],
        **{name: receipt[name] for name in SIGNED},
        "entered": ordered_entered(receipt["entered"]),
        "rotations": receipt["rotations"],
    }
    if (write(rebuilt, 2) + "\n").encode() != content:
        raise Differs("the file is not what follows from its events")
    return statement, witnessed


def check_entry(receipt, leaves, checkpoint, chain, trust):
    """The witnesses whose keys are trusted saw the answers when they were given."""
    decided = place_of_decision(leaves)
    times = [leaf["at"] for at, leaf in enumerate(leaves) if at == decided or leaf["type"] == "consent.answered"]
    witnessed = check_entered(receipt, checkpoint, receipt["events"][decided]["index"], chain, trust)
    check_witnesses(receipt["entered"]["covering"], witnessed, trust, times)


def ordered(event):
    """An event with its members in the order of the format."""
    personal = event.get("personal")
    opened = {"personal": {"data": parse(canonical(personal["data"])), "salt": personal["salt"]}} if personal else {}
    return {"index": event["index"], "leaf": event["leaf"], "path": event["path"], **opened}


def check_event_form(event, personal_members):
    members(event, ("index", "leaf", "path"), ("personal",))
    require(is_count(event["index"]), "an index is not a whole number")
    require(isinstance(event["leaf"], str), "a leaf is not a text")
    try:
        require(len(event["leaf"].encode()) <= MAX_LEAF_BYTES, "a leaf is too long")
    except UnicodeEncodeError:
        raise Malformed("a leaf is not UTF-8") from None
    require(isinstance(event["path"], list) and len(event["path"]) <= MAX_PATH, "a path is malformed")
    for sibling in event["path"]:
        require(isinstance(sibling, str) and len(from_base64(sibling)) == 32, "a hash is malformed")
    if "personal" in event:
        personal = members(event["personal"], ("data", "salt"))
        members(personal["data"], (), personal_members)
        require(all(isinstance(text, str) for text in personal["data"].values()), "personal data is not a text")
        salt = personal["salt"]
        require(isinstance(salt, str) and len(salt) == 32 and salt.strip("0123456789abcdef") == "", "a salt is malformed")


def check_signers_form(document):
    require(isinstance(document["checkpoint"], str) and isinstance(document["key"], str), "a signature is malformed")
    witnesses = document["witnesses"]
    require(isinstance(witnesses, list) and len(witnesses) <= MAX_WITNESSES, "the witnesses are malformed")
    require(all(isinstance(witness, str) for witness in witnesses), "a witness is malformed")


def prove(event, checkpoint):
    """The parsed leaf of an event that the log has, with personal data as it was logged. Raises Unproven for any other."""
    leaf = event["leaf"].encode()
    path = [from_base64(sibling) for sibling in event["path"]]
    if root_from_path(leaf_hash(leaf), event["index"], checkpoint.size, path) != checkpoint.root:
        raise Unproven(f"the log does not contain this event at index {event['index']}")
    parsed = parse(event["leaf"])
    if not isinstance(parsed, dict) or not isinstance(parsed.get("data"), dict):
        raise Unproven("a leaf is no event")
    personal = event.get("personal")
    if personal and opening_hash(personal) != parsed.get("personal"):
        raise Unproven(f"the personal data of the event at index {event['index']} differs from what was logged")
    return parsed


def opening_hash(personal):
    """The salted hash of a personal part, as its leaf has it."""
    return hashlib.sha256(bytes.fromhex(personal["salt"]) + canonical(personal["data"]).encode()).hexdigest()

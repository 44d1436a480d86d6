"""When events entered the log, as its witnesses say (docs/formats.md)."""

from es_json import members, require
from merkle import is_consistent
from keys import document_checkpoint
from notes import COSIGNATURE, Unsigned, Verifier, from_base64
from statement import milliseconds

MAX_PATH = 64
# How much earlier than the last event, and how much later than the first one, a witness may have cosigned, seconds.
EARLIEST = 600
LATEST = 86_400


class Unwitnessed(Exception):
    """A witness whose key was given does not confirm the document."""


def check_witnesses(signed, witnessed, trust, times, latest=LATEST):
    """Requires a cosignature of every trusted witness, in time.

    witnessed: (name, seconds, whether its key is trusted) for each key in signed["witnesses"]
    times: moments of the events
    latest: seconds after the first event; None for any time
    """
    seconds = [milliseconds(at).timestamp() for at in times]
    for key in trust.keys:
        if Verifier.parse(key).type != COSIGNATURE:
            continue
        if key not in signed["witnesses"]:
            raise Unwitnessed(f"the witness {Verifier.parse(key).name}, whose key was given, has not cosigned it")
        name, at, _ = witnessed[signed["witnesses"].index(key)]
        if at < max(seconds) - EARLIEST:
            raise Unwitnessed(f"the witness {name} cosigned it before its events")
        if latest is not None and at > min(seconds) + latest:
            raise Unwitnessed(f"the witness {name} cosigned it more than a day after its events")


def check_entered_form(entered):
    members(entered, ("before", "covering"))
    for linked in (entered["before"], entered["covering"]):
        if linked is None and linked is entered["before"]:
            continue
        members(linked, ("checkpoint", "witnesses", "proof"))
        require(isinstance(linked["checkpoint"], str), "a checkpoint is not a text")
        witnesses = linked["witnesses"]
        require(isinstance(witnesses, list) and len(witnesses) <= 16, "the witnesses are malformed")
        require(all(isinstance(witness, str) for witness in witnesses), "a witness is malformed")
        require(isinstance(linked["proof"], list) and len(linked["proof"]) <= MAX_PATH, "a proof is malformed")
        for sibling in linked["proof"]:
            require(isinstance(sibling, str) and len(from_base64(sibling)) == 32, "a hash is malformed")


def check_entered(receipt, head, decided, chain, trust):
    """The receipt's checkpoint extends both others, and the events lie between them. Returns the witnesses of `covering`."""
    entered = receipt["entered"]
    witnessed = []
    for name, fits in (
        ("before", lambda size: size <= receipt["events"][0]["index"]),
        ("covering", lambda size: size > decided),
    ):
        linked = entered[name]
        if linked is None:
            continue
        checkpoint, witnessed = document_checkpoint(linked, chain, trust)
        if not fits(checkpoint.size):
            raise Unsigned(f"entered.{name} is not in its place")
        proof = [from_base64(sibling) for sibling in linked["proof"]]
        if not is_consistent(checkpoint.size, checkpoint.root, head.size, head.root, proof):
            raise Unsigned(f"entered.{name}: the receipt's checkpoint does not extend it")
    return witnessed


def ordered_entered(entered):
    """`entered` with its members in the order of the format."""
    names = ("checkpoint", "witnesses", "proof")
    return {
        name: entered[name] and {one: entered[name][one] for one in names} for name in ("before", "covering")
    }

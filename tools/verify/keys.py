"""The keys of a log, from the first to the newest (docs/formats.md, "The statement of a rotation")."""

import re
from dataclasses import dataclass

from es_json import require
from notes import COSIGNATURE, ED25519, Checkpoint, Note, Unsigned, Verifier, from_base64

HEADER = "consentry log key rotation v1"
MAX_ROTATIONS = 1_000
STATEMENTS = re.compile(f"(?<![^\n]){HEADER}\n(?:[^\n]+\n){{5}}\n(?:— [^\n]+\n){{2}}")


class NotInForce(Exception):
    """A key of the log has signed what another one was to sign."""


@dataclass(frozen=True)
class Rotation:
    """What both keys have signed: checkpoints of more than `size` leaves are signed by `to`, all others by `before`."""

    note: str
    before: str
    to: str
    size: int
    root: bytes

    @staticmethod
    def parse(note):
        """Raises Malformed or Unsigned for anything but a statement of both keys."""
        parsed = Note.parse(note)
        found = re.fullmatch(
            rf"{HEADER}\n([^\n]+)\n([1-9][0-9]*)\n([A-Za-z0-9+/]{{43}}=)\nfrom ([^\n]+)\nto ([^\n]+)\n", parsed.text
        )
        require(found, "it is no statement of a rotation")
        origin, size, root, before, to = found.groups()
        keys = [Verifier.parse(before), Verifier.parse(to)]
        require(all(key.type == ED25519 and key.name == origin for key in keys), "its keys are not those of one log")
        require(keys[0].id != keys[1].id and int(size) < 2**53, "it is no statement of a rotation")
        require([line[:2] for line in parsed.signatures] == [(key.name, key.id) for key in keys], "it is not signed by both keys")
        for key in keys:
            parsed.of(key)
        return Rotation(note, before, to, int(size), from_base64(root))


class Chain:
    """The keys of one log. Each statement hands over from the newest key before it to a new one."""

    def __init__(self, first, statements=()):
        self.keys, self.rotations = [first], []
        for note in statements:
            rotation = Rotation.parse(note)
            last = self.rotations[-1].size if self.rotations else 0
            if rotation.before != self.keys[-1] or rotation.to in self.keys or rotation.size <= last:
                raise Unsigned("a statement does not continue the keys before it")
            self.keys.append(rotation.to)
            self.rotations.append(rotation)

    def in_force(self, size):
        """The key that signs checkpoints of this size."""
        return self.keys[sum(rotation.size < size for rotation in self.rotations)]


class Trust:
    """Trusted verifier keys, and statements by which keys of logs were rotated.

    A statement extends the trust to the key after it, and ends the key before it. It does not extend trust backwards.
    """

    def __init__(self, keys, statements=()):
        self.keys = list(keys)
        self.rotations = [Rotation.parse(note) for note in statements]
        self._logs = {key for key in self.keys if Verifier.parse(key).type == ED25519}
        for _ in self.rotations:
            self._logs |= {rotation.to for rotation in self.rotations if rotation.before in self._logs}

    def log_key(self):
        """The one trusted key of a log."""
        keys = [key for key in self.keys if key in self._logs]
        require(keys, "no key of a log was given")
        return keys[0]

    def has_log(self, key):
        return key in self._logs

    def check(self, chain):
        """Requires that one key of the chain is trusted, and that no statement contradicts a trusted one."""
        if not any(self.has_log(key) for key in chain.keys):
            raise Unsigned(f"{chain.keys[-1]} is not one of the trusted keys")
        for rotation in chain.rotations:
            for known in self.rotations:
                if known.note != rotation.note and (known.before == rotation.before or known.to == rotation.to):
                    raise NotInForce("a statement contradicts the one that was given with the key")

    def check_size(self, key, size):
        """Requires that the trusted statements let this key sign a checkpoint of this size."""
        for rotation in self.rotations:
            if (rotation.before == key and size > rotation.size) or (rotation.to == key and size <= rotation.size):
                raise NotInForce(f"{key} was rotated, and does not sign {size} leaves")


def check_rotations_form(rotations):
    require(isinstance(rotations, list) and len(rotations) <= MAX_ROTATIONS, "the rotations are malformed")
    require(all(isinstance(note, str) for note in rotations), "a statement is not a text")


def chain_of_document(document, trust):
    """The keys of a document's log, from its statements. Raises unless they lead to its key and one of them is trusted."""
    statements = document["rotations"]
    first = Rotation.parse(statements[0]).before if statements else document["key"]
    chain = Chain(first, statements)
    if chain.keys[-1] != document["key"]:
        raise Unsigned("the statements do not lead to the key of the document")
    trust.check(chain)
    return chain


def statements_in(text):
    """All statements in the text of a file. They are unverified."""
    return STATEMENTS.findall(text)


def log_checkpoint(note, chain, trust=None):
    """The checkpoint of a note that the log has signed with the key that signs its size, whoever else has signed it."""
    parsed = Note.parse(note)
    checkpoint = Checkpoint.parse(parsed.text)
    text = chain.in_force(checkpoint.size)
    key = Verifier.parse(text)
    if checkpoint.origin != key.name:
        raise Unsigned(f"it belongs to the log {checkpoint.origin}, the key to {key.name}")
    try:
        parsed.of(key)
    except Unsigned:
        if any(signs(parsed, Verifier.parse(other)) for other in chain.keys if other != text):
            raise NotInForce(f"another key than {text} has signed {checkpoint.size} leaves") from None
        raise
    if trust:
        trust.check_size(text, checkpoint.size)
    return checkpoint


def signs(note, key):
    try:
        return bool(note.of(key))
    except Unsigned:
        return False


def document_checkpoint(signed, chain, trust):
    """The checkpoint of a receipt or extract: signed by the key of its log, by all its witnesses, and by nobody else.

    Returns it, with (name, seconds since the epoch, whether its key is trusted) of each witness.
    """
    checkpoint = log_checkpoint(signed["checkpoint"], chain, trust)
    signers = [Verifier.parse(text) for text in [chain.in_force(checkpoint.size), *signed["witnesses"]]]
    if signers[0].type != ED25519 or any(witness.type != COSIGNATURE for witness in signers[1:]):
        raise Unsigned("a key is of the wrong kind")
    note = Note.parse(signed["checkpoint"])
    for signer in signers:
        note.of(signer)
    if [(name, key_id) for name, key_id, _ in note.signatures] != [(one.name, one.id) for one in signers]:
        raise Unsigned("its signature lines are not exactly those of the named keys")
    witnessed = [
        (witness.name, int.from_bytes(signature[:8], "big"), text in trust.keys)
        for witness, text, (_, _, signature) in zip(signers[1:], signed["witnesses"], note.signatures[1:])
    ]
    return checkpoint, witnessed


def own_checkpoint(document, trust):
    """The checkpoint of the document itself, which its newest key has signed; its witnesses; and the keys of its log."""
    chain = chain_of_document(document, trust)
    checkpoint, witnessed = document_checkpoint(document, chain, trust)
    if chain.in_force(checkpoint.size) != chain.keys[-1]:
        raise NotInForce("a key before the newest has signed the document")
    return checkpoint, witnessed, chain

"""Verifier keys, signed notes, checkpoints and cosignatures (C2SP signed-note, tlog-checkpoint, tlog-cosignature)."""

import base64
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from es_json import Malformed, require

# Signature types: of a log, and of a witness.
ED25519 = 1
COSIGNATURE = 4
# The largest time of a cosignature, seconds since the epoch.
MAX_SECONDS = 8_640_000_000_000


class Unsigned(Exception):
    """A signature is missing or not valid."""


def from_base64(text):
    """Decodes base64. Raises Malformed for any but the one spelling of these bytes."""
    try:
        decoded = base64.b64decode(text, validate=True)
    except ValueError:
        raise Malformed("it is not base64") from None
    require(base64.b64encode(decoded).decode() == text, "it is not canonical base64")
    return decoded


@dataclass(frozen=True)
class Verifier:
    """A public key, and the name under which it signs."""

    name: str
    id: str
    type: int
    key: bytes

    @staticmethod
    def parse(text):
        found = re.fullmatch(r"([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)", text)
        require(found, "it is not a verifier key")
        name, key_id, encoded = found.groups()
        material = from_base64(encoded)
        require(len(material) == 33 and material[0] in (ED25519, COSIGNATURE), "it is a key of another kind")
        expected = hashlib.sha256(f"{name}\n".encode() + material).hexdigest()[:8]
        require(key_id == expected, "the key's id does not belong to it")
        return Verifier(name, key_id, material[0], material[1:])

    def verifies(self, text, signature):
        """Whether this is a signature of the note's text."""
        message = text.encode()
        if self.type == COSIGNATURE:
            if len(signature) != 72 or int.from_bytes(signature[:8], "big") > MAX_SECONDS:
                return False
            message = f"cosignature/v1\ntime {int.from_bytes(signature[:8], 'big')}\n".encode() + message
            signature = signature[8:]
        if len(signature) != 64:
            return False
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, message)
            return True
        except (InvalidSignature, ValueError):
            return False


@dataclass(frozen=True)
class Note:
    """A text with its signature lines: (name, key id, signature)."""

    text: str
    signatures: tuple

    @staticmethod
    def parse(note):
        at = note.rfind("\n\n")
        require(at >= 0 and note.endswith("\n"), "it is not a signed note")
        require(not re.search(r"[\x00-\x09\x0b-\x1f]", note), "it has control characters")
        lines = [Note._line(line) for line in note[at + 2 : -1].split("\n")]
        return Note(note[: at + 1], tuple(lines))

    @staticmethod
    def _line(line):
        found = re.fullmatch(r"— (\S+) ([A-Za-z0-9+/]+=*)", line)
        require(found, "a signature line is malformed")
        signed = from_base64(found[2])
        require(len(signed) > 4, "a signature is too short")
        return found[1], signed[:4].hex(), signed[4:]

    def of(self, verifier):
        """The signatures of this key. Raises Unsigned if there are none, or one is not valid."""
        own = [signature for name, key_id, signature in self.signatures if (name, key_id) == (verifier.name, verifier.id)]
        if not own or not all(verifier.verifies(self.text, signature) for signature in own):
            raise Unsigned(f"the signature of {verifier.name} is not valid")
        return own


@dataclass(frozen=True)
class Checkpoint:
    """Origin, size and root of a log."""

    origin: str
    size: int
    root: bytes

    @staticmethod
    def parse(text):
        found = re.fullmatch(r"([^\n]+)\n(0|[1-9][0-9]*)\n([A-Za-z0-9+/]{43}=)\n(?:[^\n]+\n)*", text)
        require(found, "it is not a checkpoint")
        require(int(found[2]) < 2**53, "its size is too large")
        return Checkpoint(found[1], int(found[2]), from_base64(found[3]))

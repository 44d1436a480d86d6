"""Recording containers (docs/formats.md)."""

import base64
import hashlib
import json
import struct
import uuid
from dataclasses import dataclass

from es_json import Malformed, require
from sealed import HEADER_BYTES, OVERHEAD, TAG_FINAL, TAG_MESSAGE, NotAuthentic, SecretStream, blake2b, derive, open_sealed_box

MAGIC = bytes.fromhex("89435452590d0a1a")
SEGMENT_SAMPLES = 80_000
TOTALS = 0xFFFFFFFF
HEAD_BYTES = 16
MAX_BODY = 160_065
# Bytes of a sample, by codec: A-law, mu-law, linear.
WIDTHS = {1: 1, 2: 1, 3: 2}


@dataclass
class Header:
    recording: str
    part: str
    call: str
    event: str
    number: int
    start: int
    codec: int
    line: str
    purpose: str
    bound: bytes
    commitment: bytes

    @property
    def length(self):
        return len(self.bound) + len(self.commitment)


def read_header(content):
    require(len(content) >= 134 and content[:8] == MAGIC, "it is not a container")
    version, suite, length = struct.unpack_from("<BBH", content, 8)
    require((version, suite) == (1, 1), "it is of another version or suite")
    ids = [str(uuid.UUID(bytes=content[at : at + 16])) for at in (12, 28, 44, 60)]
    number, start, codec, channels, zero, rate, segment = struct.unpack_from("<IQBBHII", content, 76)
    require(codec in WIDTHS and (channels, zero, rate, segment) == (2, 0, 8000, SEGMENT_SAMPLES), "it has an unknown format")
    line_bytes = content[100]
    require(len(content) > 101 + line_bytes, "the header is cut")
    purpose_bytes = content[101 + line_bytes]
    require(length == 134 + line_bytes + purpose_bytes and len(content) >= length, "the header has a wrong length")
    try:
        line = content[101 : 101 + line_bytes].decode()
        purpose = content[102 + line_bytes : 102 + line_bytes + purpose_bytes].decode()
    except UnicodeDecodeError:
        raise Malformed("line or purpose is not UTF-8") from None
    return Header(*ids, number, start, codec, line, purpose, content[: length - 32], content[length - 32 : length])


def open_key(key_file, header, identities):
    """The data key of a part, from its key file and a list of identities. Raises Malformed or NotAuthentic."""
    stored = json.loads(key_file)
    require(stored["consentryKey"] == 1, "the key file is of another version")
    for entry in stored["keys"]:
        for identity in identities:
            if (identity["purpose"], identity["keyId"]) != (header.purpose, entry["keyId"]):
                continue
            opened = open_sealed_box(base64.b64decode(entry["sealed"]), base64.b64decode(identity["secretKey"]))
            require(opened[32:] == uuid.UUID(header.part).bytes, "the key belongs to another part")
            return opened[:32]
    raise Malformed("no identity fits the key file")


def records(content, header):
    """(segment, index, number, head, body, offset) of each whole record. Raises Malformed for one that is out of place."""
    indexes, at, number = {}, header.length, 0
    while at + HEAD_BYTES <= len(content):
        head = content[at : at + HEAD_BYTES]
        segment, index, stated, length = struct.unpack("<4I", head)
        require((stated, index) == (number, indexes.get(segment, 0)), f"a record is missing or out of place, at byte {at}")
        least = OVERHEAD + (HEADER_BYTES if index == 0 else 0)
        require(least <= length <= MAX_BODY, f"a record states a wrong length, at byte {at}")
        end = at + HEAD_BYTES + length
        if end > len(content):
            return
        require(segment != TOTALS or end == len(content), f"there are bytes after the totals, at byte {end}")
        yield segment, index, number, head, content[at + HEAD_BYTES : end], at
        indexes[segment] = index + 1
        at, number = end, number + 1


@dataclass
class Audio:
    """The blocks of a container: (leg, first sample, arrival in ms, bytes), and whether it has its totals."""

    header: Header
    blocks: list
    complete: bool


def open_container(content, key_file, identities):
    """Decrypts a container. Raises Malformed or NotAuthentic at the first byte that is not as it was sealed."""
    header = read_header(content)
    data_key = open_key(key_file, header, identities)
    commitment = blake2b(data_key, b"consentry commitment 1" + header.bound)
    require(commitment == header.commitment, "the key belongs to another container, or the header was altered")
    stream_key = blake2b(data_key, b"consentry stream key 1" + header.bound)
    streams, ends, segments, blocks = {}, [0, 0], 0, []
    for segment, index, number, head, body, at in records(content, header):
        if index == 0:
            streams[segment] = SecretStream(derive(stream_key, segment, b"segments"), body[:HEADER_BYTES])
            body = body[HEADER_BYTES:]
            segments += segment != TOTALS
        require(segment in streams, f"a record follows the end of its segment, at byte {at}")
        message, tag = streams[segment].pull(body, head)
        if segment == TOTALS:
            del streams[TOTALS]
            right = tag == TAG_FINAL and not streams and len(message) == 24
            require(right and struct.unpack("<IIQQ", message) == (number, segments, *ends), "the totals are wrong")
            return Audio(header, blocks, True)
        if tag == TAG_FINAL and not message:
            del streams[segment]
            continue
        require(tag == TAG_MESSAGE, f"a record has an unknown tag, at byte {at}")
        block = read_audio(message, segment, header, ends)
        ends[block[0]] = block[1] + len(block[3]) // WIDTHS[header.codec]
        blocks.append(block)
    return Audio(header, blocks, False)


def read_audio(message, segment, header, ends):
    require(len(message) >= 24, "a block is too short")
    leg, a, b, c, length, sample, arrived = struct.unpack_from("<BBBBIQQ", message)
    require(leg in (0, 1) and (a, b, c) == (0, 0, 0) and length >= 1, "a block has an unknown format")
    require(len(message) == (24 + length + 7) // 8 * 8, "a block has a wrong length")
    width = WIDTHS[header.codec]
    end = sample + length / width
    first = segment * SEGMENT_SAMPLES
    in_place = length % width == 0 and first <= sample and end <= first + SEGMENT_SAMPLES and sample >= ends[leg]
    require(in_place, "a block is out of place")
    return leg, sample, arrived, message[24 : 24 + length]


def check_bytes(content, length, sha256):
    """Compares a container with a length and hash of the journal, without any key."""
    require(len(content) >= length, f"it has {len(content)} bytes, and had {length}")
    require(hashlib.sha256(content[:length]).hexdigest() == sha256, f"its first {length} bytes are not those of the journal")
    for _ in records(content, read_header(content)):
        pass

"""Verifies what Consentry hands out, with Python and the package python3-cryptography alone. README.md says how."""

import argparse
import json
import os
import sys
import wave
from datetime import datetime, timezone

from container import WIDTHS, check_bytes, open_container
from entry import Unwitnessed
from es_json import Malformed, decode, parse, write
from extract import verify_extract
from keys import NotInForce, Trust, statements_in
from log_folder import Folder, LogFault, compare_rows, verify_log
from notes import Unsigned, Verifier
from receipt import Differs, Unproven, verify_receipt
from rows import read_rows
from sealed import NotAuthentic

FAULTS = (Malformed, Unsigned, NotInForce, Unwitnessed, Unproven, Differs, LogFault, NotAuthentic)


def main(arguments):
    options = read_arguments(arguments)
    try:
        for line in options.run(options):
            print(line)
        return 0
    except FAULTS as fault:
        print(f"Does not hold: {fault}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return 2


def read_arguments(arguments):
    parser = argparse.ArgumentParser(prog="verify", description=__doc__)
    verbs = parser.add_subparsers(required=True, metavar="receipt|extract|log|container")
    for name, what in (("receipt", "the receipt of a call, or a vCon with one"), ("extract", "the extract of an act")):
        verb = verbs.add_parser(name, help=what)
        verb.add_argument("file")
        verb.add_argument("--key", action="append", required=True, help="verifier key of the log, or of a witness, or a file of keys and rotations")
        verb.set_defaults(run=document, verify=verify_receipt if name == "receipt" else verify_extract)
    verb = verbs.add_parser("log", help="the folder of a log, and rows of its database")
    verb.add_argument("folder")
    verb.add_argument("--key", required=True, help="verifier key of the log, or a file with it and rotations")
    verb.add_argument("--anchors", action="append", default=[], help="a copy of checkpoints.txt from elsewhere")
    verb.add_argument("--events", help="rows of the table event, one JSON object a line")
    verb.add_argument("--personal", help="rows of the table event_personal, likewise")
    verb.set_defaults(run=log)
    verb = verbs.add_parser("container", help="the container of a part")
    verb.add_argument("file")
    verb.add_argument("--bytes", type=int, help="its length in the journal")
    verb.add_argument("--sha256", help="the hash of these bytes in the journal")
    verb.add_argument("--key-file", help="key file of the part; with --identity it is decrypted")
    verb.add_argument("--identity", help="file of identities, a JSON array or one object")
    verb.add_argument("--wav", help="write its audio there")
    verb.set_defaults(run=container)
    return parser.parse_args(arguments)


def content_of(path):
    with open(path, "rb") as file:
        return file.read()


def trust_of(all_named):
    """Verifier keys and statements of rotations: each key as it is, or what files of them hold."""
    keys, statements = [], []
    for named in all_named:
        more_keys, more_statements = keys_in(named)
        keys += more_keys
        statements += more_statements
    return Trust(dict.fromkeys(keys), dict.fromkeys(statements))


def keys_in(named):
    try:
        Verifier.parse(named)
        return [named], []
    except Malformed:
        text = content_of(named).decode(errors="replace")
        lines = [line.strip() for line in text.split("\n")]
    keys = []
    for line in lines:
        try:
            Verifier.parse(line)
            keys.append(line)
        except Malformed:
            continue
    if not keys and not statements_in(text):
        raise Malformed(f"{named} holds no verifier key")
    return keys, statements_in(text)


def receipt_in(content):
    """The bytes of a receipt, also of the one in a vCon."""
    value = parse(decode(content))
    if not isinstance(value, dict) or "vcon" not in value:
        return content
    for attachment in value.get("attachments") or []:
        if attachment.get("purpose") == "consentry-receipt":
            return (write(attachment["body"], 2) + "\n").encode()
    raise Malformed("it is a vCon without a receipt")


def document(options):
    content = content_of(options.file)
    trust = trust_of(options.key)
    statement, witnessed = options.verify(receipt_in(content) if options.verify is verify_receipt else content, trust)
    yield json.dumps(statement, ensure_ascii=False, indent=2)
    for name, seconds, known in witnessed:
        at = datetime.fromtimestamp(seconds, timezone.utc).isoformat()
        yield f"cosigned by {name} at {at}" + ("" if known else " (its key was not given)")
    yield "Holds."


def log(options):
    trust = trust_of([options.key])
    trust.log_key()
    anchors = [(path, content_of(path).decode(errors="replace")) for path in options.anchors]
    leaves = verify_log(Folder(options.folder), trust, anchors)
    yield f"{len(leaves)} leaves hold."
    if options.events:
        personal = read_rows(options.personal) if options.personal else ()
        count = compare_rows(leaves, read_rows(options.events), personal)
        yield f"{len(leaves)} of {count} events are as they were logged; the others are not in the log yet."


def container(options):
    content = content_of(options.file)
    if options.sha256:
        check_bytes(content, options.bytes if options.bytes is not None else len(content), options.sha256)
        yield "Its bytes are those of the journal."
    if not options.key_file:
        return
    identities = json.loads(content_of(options.identity))
    audio = open_container(content, content_of(options.key_file), identities if isinstance(identities, list) else [identities])
    yield f"call {audio.header.call}, part {audio.header.number} of recording {audio.header.recording}, purpose {audio.header.purpose}"
    yield f"{len(audio.blocks)} blocks are authentic; the file is {'whole' if audio.complete else 'incomplete'}"
    if options.wav:
        write_wav(options.wav, audio)


def write_wav(path, audio):
    """Writes caller on the left and agent on the right, from the first sample on, linear."""
    width = WIDTHS[audio.header.codec]
    first = min(block[1] for block in audio.blocks)
    end = max(block[1] + len(block[3]) // width for block in audio.blocks)
    stereo = bytearray(4 * (end - first))
    for leg, sample, _, coded in audio.blocks:
        linear = coded if width == 2 else b"".join(expand(byte, audio.header.codec) for byte in coded)
        at = 4 * (sample - first) + 2 * leg
        stereo[at : at + 2 * len(linear) : 4] = linear[::2]
        stereo[at + 1 : at + 1 + 2 * len(linear) : 4] = linear[1::2]
    # Only its owner may hear what was sealed.
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(opened, "wb") as output, wave.open(output, "wb") as file:
        file.setparams((2, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(stereo))


def expand(byte, codec):
    """One sample of ITU-T G.711 as 16 bits, little-endian."""
    if codec == 1:
        byte ^= 0x55
        exponent, mantissa = byte >> 4 & 7, byte & 15
        value = (mantissa << 4) + 8 if exponent == 0 else ((mantissa << 4) + 0x108) << (exponent - 1)
        value = value if byte & 0x80 else -value
    else:
        byte ^= 0xFF
        value = (((byte & 15) << 3) + 0x84 << (byte >> 4 & 7)) - 0x84
        value = -value if byte & 0x80 else value
    return value.to_bytes(2, "little", signed=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

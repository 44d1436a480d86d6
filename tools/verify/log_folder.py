"""The files of a log (docs/formats.md, "Files and tables"; C2SP tlog-tiles), and rows of the database against them."""

import os

from es_json import Malformed, parse
from merkle import Tree, leaf_hash, perfect_root
from keys import Chain, NotInForce, Rotation, log_checkpoint, statements_in
from notes import Checkpoint, Note, Unsigned, Verifier
from rows import leaf_of, personal_hash

WIDTH = 256
HASH_BYTES = 32


class LogFault(Exception):
    """The files or rows are not as they were signed."""


def tile_path(level, n, width):
    """Path of a tile below the log's folder, such as `tile/0/x001/234.p/17`."""
    path, rest = f"{n % 1000:03}", n // 1000
    while rest > 0:
        path, rest = f"x{rest % 1000:03}/{path}", rest // 1000
    return f"tile/{level}/{path}" + ("" if width == WIDTH else f".p/{width}")


class Folder:
    """The files below a log's folder."""

    def __init__(self, path):
        self._path = path

    def read(self, name):
        try:
            with open(os.path.join(self._path, name), "rb") as file:
                return file.read()
        except (FileNotFoundError, NotADirectoryError):
            raise LogFault(f"{name} is missing") from None


def read_tile(folder, level, n, width):
    content = folder.read(tile_path(level, n, width))
    if len(content) != width * HASH_BYTES:
        raise LogFault(f"{tile_path(level, n, width)} has a wrong length")
    return [content[at : at + HASH_BYTES] for at in range(0, len(content), HASH_BYTES)]


def read_leaves(folder, n, width):
    """The leaves of an entry bundle, each behind its length of two bytes."""
    path = tile_path("entries", n, width)
    content, leaves, at = folder.read(path), [], 0
    while at < len(content):
        end = at + 2 + int.from_bytes(content[at : at + 2], "big")
        if end > len(content):
            raise LogFault(f"{path} is cut")
        leaves.append(content[at + 2 : end])
        at = end
    if len(leaves) != width:
        raise LogFault(f"{path} has {len(leaves)} leaves")
    return leaves


def tiles_of(count):
    """(number, width) of the tiles that `count` hashes of a level fill."""
    full = [(n, WIDTH) for n in range(count // WIDTH)]
    return full + ([(count // WIDTH, count % WIDTH)] if count % WIDTH else [])


def notes_in(text):
    """The notes of a file of checkpoints. An incomplete one at the end is none."""
    parts = text.split("\n\n")
    return [f"{parts[at]}\n\n{parts[at + 1]}\n" for at in range(0, len(parts) // 2 * 2, 2)]


def verify_log(folder, trust, anchors=()):
    """Verifies the files of a log, and checkpoints from elsewhere, under one of its keys. Returns its leaves; raises LogFault.

    anchors: texts of files with checkpoints
    """
    try:
        signed = folder.read("checkpoint").decode()
        head = Checkpoint.parse(Note.parse(signed).text)
    except (Malformed, UnicodeDecodeError) as error:
        raise LogFault(f"checkpoint: {error}") from None
    leaves, hashes = [], []
    for n, width in tiles_of(head.size):
        tile = read_tile(folder, 0, n, width)
        bundle = read_leaves(folder, n, width)
        if [leaf_hash(leaf) for leaf in bundle] != tile:
            raise LogFault(f"{tile_path('entries', n, width)} is not what {tile_path(0, n, width)} says")
        leaves += bundle
        hashes += tile
    chain = chain_of_log(folder, head.origin, leaves, trust)
    try:
        log_checkpoint(signed, chain, trust)
    except (Malformed, Unsigned, NotInForce) as error:
        raise LogFault(f"checkpoint: {error}") from None
    check_key_file(folder, chain, head.size)
    check_levels(folder, hashes)
    written = folder.read("checkpoints.txt").decode(errors="replace")
    kept = list(checkpoints(chain, trust, [("checkpoints.txt", written)]))
    # It is written before the checkpoint is published, so it has that one, too.
    if head not in [checkpoint for checkpoint, _ in kept]:
        raise LogFault("checkpoints.txt does not have the published checkpoint")
    named = [(Checkpoint("", one.size, one.root), "the statement of a rotation") for one in chain.rotations]
    check_roots(hashes, head, [*kept, *named, *checkpoints(chain, trust, anchors)])
    return leaves


def chain_of_log(folder, origin, leaves, trust):
    """The keys of the log, as its own events of rotations say. Raises LogFault unless one of them is trusted."""
    statements = []
    for index, leaf in enumerate(leaves):
        if b'"type":"log.key-rotated"' not in leaf:
            continue
        event = parse(leaf.decode())
        if event.get("type") != "log.key-rotated":
            continue
        try:
            rotation = Rotation.parse(str(event["data"].get("statement", "")))
        except (Malformed, Unsigned) as error:
            raise LogFault(f"the rotation at index {index}: {error}") from None
        # After a log was begun anew, the journal has the rotations of the one before, which had another name.
        if Verifier.parse(rotation.before).name != origin:
            continue
        if index < rotation.size:
            raise LogFault(f"the rotation at index {index} says what was signed after {rotation.size} leaves")
        statements.append(rotation)
    try:
        published = statements_in(folder.read("rotations.txt").decode(errors="replace"))
    except LogFault:
        published = []
    # It is written before the new key signs anything.
    for rotation in statements:
        if rotation.note not in published:
            raise LogFault(f"rotations.txt lacks the statement after {rotation.size} leaves")
    # A statement that is not in the log yet may be in the file.
    notes = list(dict.fromkeys(published).keys() - {one.note for one in statements})
    try:
        later = sorted((Rotation.parse(note) for note in notes), key=lambda one: one.size)
        first = (statements + later)[0].before if statements or later else trust.log_key()
        chain = Chain(first, [one.note for one in statements + later])
        trust.check(chain)
    except (Malformed, Unsigned, NotInForce) as error:
        raise LogFault(f"the rotations: {error}") from None
    return chain


def check_key_file(folder, chain, size):
    """The file of the key, where the folder has one, names the key that signs checkpoints of this size, or one after it."""
    try:
        named = folder.read("key.pub")
    except LogFault:
        return
    if named not in [f"{key}\n".encode() for key in chain.keys[chain.keys.index(chain.in_force(size)) :]]:
        raise LogFault("key.pub does not name the key that signs checkpoints")


def check_levels(folder, hashes):
    """Each level of tiles follows from the one below."""
    level = 0
    while len(hashes) >= WIDTH:
        full = len(hashes) // WIDTH * WIDTH
        hashes = [perfect_root(hashes[at : at + WIDTH]) for at in range(0, full, WIDTH)]
        level += 1
        for n, width in tiles_of(len(hashes)):
            if read_tile(folder, level, n, width) != hashes[n * WIDTH : n * WIDTH + width]:
                raise LogFault(f"{tile_path(level, n, width)} does not follow from the level below")


def checkpoints(chain, trust, files):
    """Every checkpoint in files of them, which are (name, text)."""
    for name, text in files:
        for note in notes_in(text):
            try:
                yield log_checkpoint(note, chain, trust), name
            except (Malformed, Unsigned, NotInForce) as error:
                raise LogFault(f"{name}: {error}") from None


def check_roots(hashes, head, others):
    """The tree has the root of every checkpoint at its size."""
    wanted = {}
    for checkpoint, name in [(head, "checkpoint"), *others]:
        if checkpoint.size > len(hashes):
            raise LogFault(f"{name} has a checkpoint of size {checkpoint.size}, the log has {len(hashes)} leaves")
        wanted.setdefault(checkpoint.size, []).append((checkpoint.root, name))
    tree = Tree()
    for size in range(len(hashes) + 1):
        if size > 0:
            tree.append(hashes[size - 1])
        for root, name in wanted.get(size, ()):
            if tree.root() != root:
                raise LogFault(f"{name}: the checkpoint of size {size} belongs to another history")


def compare_rows(leaves, events, personal=()):
    """Compares rows of `event`, in the order of their ids, with the leaves, and rows of `event_personal` with their hashes."""
    hashes, count = {}, 0
    for row in events:
        hashes[row["uuid"]] = row["personal_hash"]
        if count < len(leaves) and leaf_of(row) != leaves[count]:
            logged = parse(leaves[count].decode())
            raise LogFault(f"event {row['id']} is not what was logged as event {logged.get('id')}, leaf {count}")
        count += 1
    if count < len(leaves):
        raise LogFault(f"events are missing: there are {count}, the log has {len(leaves)}")
    for row in personal:
        given = personal_hash(row)
        if given is not None and hashes.get(row["event"]) != f"\\x{given.hex()}":
            raise LogFault(f"the personal part of event {row['event']} is not what was logged")
    return count

"""Judges many documents in one process, for the tests: a JSON object a line comes in, `true` or `false` a line goes out.

A line has `kind` (`receipt`, `extract`, `container`, `log`, `row`) and what that kind needs. `content` is in base64. What a container holds comes
out in place of `true`.
"""

import base64
import hashlib
import json
import sys
from functools import lru_cache

from container import open_container
from entry import Unwitnessed
from es_json import Malformed, parse
from extract import verify_extract
from keys import NotInForce, Trust
from log_folder import Folder, LogFault, verify_log
from merkle import leaf_hash
from notes import Unsigned
from receipt import Differs, Unproven, verify_receipt
from rows import leaf_of, read_rows
from sealed import NotAuthentic

REFUSALS = (Malformed, Unsigned, NotInForce, Unwitnessed, Unproven, Differs, LogFault, NotAuthentic)


class ChangedFolder(Folder):
    """A log's folder in which some files have other content."""

    def __init__(self, path, changed):
        super().__init__(path)
        self._changed = changed

    def read(self, name):
        return self._changed[name] if name in self._changed else super().read(name)


@lru_cache
def leaves_of(path):
    return [leaf_of(row) for row in read_rows(path)]


def judge(kind, asked):
    content = base64.b64decode(asked.get("content", ""))
    if kind == "receipt":
        verify_receipt(content, Trust(asked["keys"], asked.get("rotations", ())))
    elif kind == "extract":
        verify_extract(content, Trust(asked["keys"], asked.get("rotations", ())))
    elif kind == "container":
        audio = open_container(content, base64.b64decode(asked["keyFile"]), asked["identities"])
        sound = hashlib.sha256(b"".join(block[3] for block in audio.blocks)).hexdigest()
        return [len(audio.blocks), audio.complete, sound]
    elif kind == "log":
        changed = {name: base64.b64decode(text) for name, text in asked["changed"].items()}
        leaves = verify_log(ChangedFolder(asked["folder"], changed), Trust([asked["key"]]))
        return "events" not in asked or leaves == leaves_of(asked["events"])[: len(leaves)]
    elif kind == "row":
        return leaf_hash(leaf_of(parse(content.decode()))).hex() == asked["hash"]
    return True


def main():
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            print(json.dumps(judge(asked["kind"], asked)))
        except REFUSALS:
            print("false")


if __name__ == "__main__":
    main()

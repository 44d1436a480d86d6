"""Extracts of acts of destruction (docs/rights.md, "The extract")."""

from entry import check_witnesses
from es_json import Malformed, decode, parse, require, write
from keys import check_rotations_form, own_checkpoint
from receipt import Differs, Unproven, check_event_form, check_signers_form, ordered, prove

VERSION = 1
MEMBERS = ("statement", "checkpoint", "key", "witnesses", "rotations")
MAX_LINE_BYTES = 512 * 1024
TYPED = ("by", "reason")


def verify_extract(content, trust):
    """Verifies the bytes of an extract under trusted keys. Returns its statement and its witnesses, or raises."""
    lines = lines_of(content)
    require(lines[0] == f'{{"consentryExtract":{VERSION},', f"only extracts of version {VERSION} can be read here")
    head = {name: member(lines, at, name) for at, name in enumerate(MEMBERS, 1)}
    check_rotations_form(head["rotations"])
    events_at = len(MEMBERS) + 1
    require(isinstance(head["statement"], dict), "the statement is not an object")
    check_signers_form(head)
    require(lines[events_at : events_at + 1] == ['"events":['] and lines[-1] == "]}", "it does not end as an extract")
    checkpoint, witnessed, _ = own_checkpoint(head, trust)
    events = [event_of(line, last=at == len(lines) - 2) for at, line in enumerate(lines[events_at + 1 : -1], events_at + 1)]
    require(events, "it has no events")
    leaves = [prove(event, checkpoint) for event in events]
    if any(later["index"] <= earlier["index"] for earlier, later in zip(events, events[1:])):
        raise Unproven("the events are not in the order of the log")
    statement = act_of(leaves, events[-1].get("personal"))
    check_witnesses(head, witnessed, trust, [statement["closed"]], latest=None)
    if write(statement) != write(head["statement"]):
        raise Differs("the statement is not what follows from the events")
    return statement, witnessed


def lines_of(content):
    text = decode(content)
    require(text.endswith("\n"), "the last line is incomplete")
    lines = text[:-1].split("\n")
    require(all(len(line.encode()) <= MAX_LINE_BYTES for line in lines), "a line is too long")
    require(len(lines) > 8, "the file ends too early")
    return lines


def member(lines, at, name):
    """The value of the member on a line, which has no other spelling."""
    value = parse("{" + lines[at][:-1] + "}")
    require(name in value and f'"{name}":{write(value[name])},' == lines[at], f"line {at + 1} is not the member {name}")
    return value[name]


def event_of(line, last):
    require(last or line.endswith(","), "an event is not followed by a comma")
    event = parse(line if last else line[:-1])
    check_event_form(event, TYPED)
    require(write(ordered(event)) + ("" if last else ",") == line, "an event is written in another way")
    return event


def act_of(leaves, personal):
    """The statement, from the event that closed the act; the others destroy its recordings."""
    *destroyed, closed = leaves
    if closed.get("type") != "act.closed" or any(leaf.get("type") != "recording.destroyed" for leaf in destroyed):
        raise Unproven("they are not the destructions of an act, and its end")
    data = closed["data"]
    recordings = {write(leaf["data"].get("recording")) for leaf in destroyed}
    if len(recordings) != len(destroyed):
        raise Unproven("a recording is destroyed twice")
    if any(leaf["data"].get("act") != data.get("act") for leaf in destroyed):
        raise Unproven("a recording was destroyed in another act")
    if len(destroyed) != data.get("recordings"):
        raise Unproven("they are not as many recordings as the act counts")
    typed = personal["data"] if personal else {}
    members_of_act = {
        "act": data.get("act"),
        "number": data.get("number"),
        "cause": data.get("cause"),
        **{name: typed[name] for name in ("reason", "by") if name in typed},
        "opened": data.get("openedAt"),
        "closed": closed["at"],
        "recordings": data.get("recordings"),
        "keepUntil": data.get("keepUntil"),
    }
    if None in members_of_act.values():
        raise Malformed("the act has no such statement")
    return members_of_act

"""The statement of a receipt, from its events (docs/formats.md, "The statement")."""

import re
from datetime import datetime, timedelta, timezone

from es_json import MISSING, Malformed, require

YES = ("granted", "notice")


def statement_of(events):
    """events: (leaf, opened personal data) in the order of the log"""
    starts = of_type(events, "call.started")
    require(starts, "the events do not include the start of the call")
    leaf, personal = starts[0]
    begun = leaf["data"]
    moment = moments(begun.get("utcOffset"))
    place = place_of_decision([leaf for leaf, _ in events])
    require(place is not None, "the call has no decision")
    decided = events[place]
    decision = decided[0]["data"].get("decision")
    ended = of_type(events, "call.ended")
    return given(
        call=leaf["call"],
        line=begun.get("line", MISSING),
        caller=personal.get("caller", MISSING),
        dialled=personal.get("dialled", MISSING),
        **pick(begun, "policy", "language", "mode", "utcOffset"),
        started=moment(leaf["at"]),
        ended=moment(ended[0][0]["at"]) if ended else None,
        decision="failed" if decision is None else decision,
        reason=decided[0]["data"].get("reason", MISSING),
        decided=moment(decided[0]["at"]),
        **conversation(events, moment),
        **recordings(events, moment),
    )


def place_of_decision(leaves):
    """The place of the event that decided the call: the last `call.decided`, or without one the first `call.rescued`."""
    types = [leaf["type"] for leaf in leaves]
    if "call.decided" in types:
        return len(types) - 1 - types[::-1].index("call.decided")
    return types.index("call.rescued") if "call.rescued" in types else None


def of_type(events, name):
    return [event for event in events if event[0]["type"] == name]


def given(**members):
    """The members that have a value, in this order."""
    return {name: value for name, value in members.items() if value is not MISSING}


def pick(data, *names):
    return {name: data[name] for name in names if name in data}


def moments(offset):
    """Converts the time of an event to {utc, local}."""
    found = re.fullmatch(r"([+-])([0-9]{2}):([0-9]{2})", offset or "")
    require(found, "the offset of local time is malformed")
    ahead = timedelta(hours=int(found[2]), minutes=int(found[3])) * (-1 if found[1] == "-" else 1)

    def moment(at):
        local = milliseconds(at) + ahead
        return {"utc": at, "local": local.isoformat(timespec="milliseconds")[:-6] + offset}

    return moment


def milliseconds(at):
    """A time of an event, whose digits after the third one do not count."""
    found = re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3})[0-9]*Z", at)
    require(found, "a time is malformed")
    try:
        return datetime.fromisoformat(found[1]).replace(tzinfo=timezone.utc)
    except ValueError as error:
        raise Malformed(str(error)) from None


def conversation(events, moment):
    """Prompts, questions and answers."""
    choice, disclosures, questions, answers, ids = {"offers": []}, [], [], [], []
    for leaf, personal in events:
        kind, data, at = leaf["type"], leaf["data"], leaf["at"]
        if kind == "consent.asked":
            questions.append({**pick(data, "purpose", "attempt"), "asked": moment(at), **aside_of(data)})
        elif kind == "consent.answered":
            answers.append(answer_of(data, personal, questions, moment(at)))
            ids.append(leaf["uuid"])
        elif kind == "speech.unsettled" and questions:
            heard = {**pick(data, "why", "voice"), "at": moment(at)}
            questions[-1].setdefault("unsettled", []).append(heard)
        elif kind == "speech.lost" and questions:
            questions[-1].setdefault("speechLost", {**pick(data, "reason"), "at": moment(at)})
        elif kind == "call.language-chosen":
            choice["chosen"] = {**pick(data, "language", "how"), "at": moment(at)}
        elif kind == "consent.withdrawn":
            for answer in answers:
                if answer.get("purpose") in data["purposes"]:
                    answer.setdefault("withdrawn", moment(at))
        elif kind == "prompt.ended":
            played = {
                **pick(data, "prompt", "version", "text", "sha256", "lengthMs", "heardMs", "end", "reason"),
                "ended": moment(at),
            }
            role = data.get("role")
            if role == "language":
                choice["offers"].append(played)
            elif role == "disclosure":
                disclosures.append(played)
            elif role == "question" and questions:
                questions[-1].setdefault("played", played)
            elif role in ("granted", "refused") and answers:
                answers[-1].setdefault("confirmation", played)
    replaced = [answer["replaces"] for answer in answers if "replaces" in answer]
    counted = [one for one, id in zip(answers, ids) if not ("inConversation" in one and id in replaced)]
    for answer in answers:
        if valid_answer([one for one in counted if one.get("purpose") == answer.get("purpose")]) is not answer:
            answer["overruled"] = True
    offered = {"languageChoice": choice} if choice["offers"] or "chosen" in choice else {}
    return {**offered, "disclosures": disclosures, "questions": questions, "answers": answers}


def valid_answer(given):
    """Of the answers to one purpose, the one that counts."""
    first = [one for one in given if "inConversation" not in one]
    aside = [one for one in given if "inConversation" in one]
    noes = [place for place, one in enumerate(given) if "inConversation" not in one and one.get("answer") not in YES]
    if noes or not first:
        for place, one in enumerate(given):
            if "inConversation" in one and one.get("answer") in YES and place > (noes[-1] if noes else -1):
                return one
    for some in (first, aside):
        for one in some:
            if one.get("answer") not in YES:
                return one
        if some:
            return some[0]
    return None


def aside_of(data):
    """Whether a question came in the middle of a conversation."""
    return {"inConversation": True} if data.get("inConversation") else {}


def answer_of(data, personal, questions, answered):
    asked = [question for question in questions if question.get("purpose") == data.get("purpose")]
    return {
        **pick(data, "purpose", "answer", "method"),
        **pick(personal, "digit", "words"),
        **pick(data, "voice", "confirmedBy", "confirmedAfterMs", "keepAnswer"),
        **(pick(asked[-1], "attempt") if asked else {}),
        **pick(data, "afterMs"),
        "answered": answered,
        **pick(data, "legalBasis", "retentionDays", "reason"),
        **aside_of(data),
        **pick(data, "replaces"),
    }


def recordings(events, moment):
    """Recordings with their parts, and purposes without a recording."""
    found, parts, unrecorded = {}, {}, []
    for leaf, _ in events:
        kind, data, at = leaf["type"], leaf["data"], leaf["at"]
        recording = found.get(data.get("recording"))
        covered = {**pick(data, "chunks", "bytes"), **({"sha256": data["hash"]} if "hash" in data else {})}
        if kind == "recording.prepared":
            found[data["recording"]] = {
                **pick(data, "recording", "purpose", "keeps", "basis", "due"),
                "state": "recording",
                "lostBytes": 0,
                "prepared": moment(at),
                "parts": [],
            }
        elif kind == "recording.part-started":
            begun = {**pick(data, "part", "number", "object"), "started": moment(at)}
            parts[data["part"]] = {**begun, **covered}
            if recording:
                recording["parts"].append(parts[data["part"]])
        elif kind == "recording.progress" and data["part"] in parts:
            parts[data["part"]].update(covered)
        elif kind == "recording.part-ended" and data["part"] in parts:
            parts[data["part"]].update({**covered, **pick(data, "samples", "complete"), "ended": moment(at)})
        elif kind == "recording.gap" and recording:
            recording["lostBytes"] += data["bytes"]
        elif kind == "recording.muted" and recording:
            recording.setdefault("muted", []).append({**pick(data, "leg"), "from": moment(at)})
        elif kind == "recording.unmuted" and recording and recording.get("muted"):
            recording["muted"][-1]["to"] = moment(at)
        elif kind == "recording.finished" and recording:
            recording.update(pick(data, "state", "seconds"))
        elif kind == "recording.empty" and recording:
            recording["state"] = "empty"
        elif kind == "recording.destroyed" and recording:
            recording.update({"state": "destroyed", "destroyed": {"at": moment(at), **pick(data, "act", "cause")}})
        elif kind == "recording.failed" and recording:
            recording.update({"state": "failed", **pick(data, "reason")})
        elif kind == "recording.failed":
            unrecorded.append({**pick(data, "purpose", "reason"), "at": moment(at)})
    return {"recordings": list(found.values()), "unrecorded": unrecorded}

// Real: the judge of the fault tests. Fake: the call that it judges.
import t from 'tap'
import { decodeG711, encodeG711 } from '../../../lab/audio/g711.js'
import { concatSamples, silence } from '../../../lab/audio/signals.js'
import {
  findNumberedPackets,
  isSaidBy,
  type NumberedPacket,
  numberedSpeech,
} from '../../support/faults/callers/voice.js'
import { catalogue } from '../../support/faults/catalogue/catalogue.js'
import { checkAudio } from '../../support/faults/judge/check-audio.js'
import { checkCall } from '../../support/faults/judge/check-call.js'
import { checkConsent } from '../../support/faults/judge/check-consent.js'
import { checkEvents } from '../../support/faults/judge/check-events.js'
import type { JudgedCall } from '../../support/faults/judge/judged-call.js'
import { Tally } from '../../support/faults/report.js'

const at = (s: number) => new Date(s * 1_000).toISOString()
const said = (call: number, count: number): NumberedPacket[] =>
  Array.from({ length: count }, (_, n) => ({ call, n: n + 150, at: n * 160 }))

/** A call that was answered at 0 s, agreed at 2 s, was with the agent at 3 s, and hung up at 23 s. */
function whole(): JudgedCall {
  const timeline = [
    { at: at(0), type: 'call.started' },
    { at: at(2), type: 'consent.answered', purpose: 'service', answer: 'granted' },
    { at: at(2), type: 'recording.prepared', purpose: 'service', recording: 'r' },
    { at: at(3), type: 'call.decided', decision: 'granted' },
    { at: at(3), type: 'call.released', tapped: true },
    { at: at(7), type: 'recording.part-started', recording: 'r', part: 'p' },
    { at: at(23), type: 'call.ended', phase: 'talking' },
    { at: at(23), type: 'recording.part-ended', recording: 'r', part: 'p' },
    { at: at(23), type: 'recording.finished', recording: 'r', state: 'finished' },
  ]
  const call = { events: timeline, purposes: [{ purpose: 'service', answer: 'granted' }], recordings: [{}] }
  const record = {
    plan: { index: 7, kind: 'yes', line: '501', startMs: 0, lifeMs: 40_000, keys: ['1'], reactMs: 0 },
    from: '7',
    caller: { endedAt: 23_001, end: { by: 'caller' } },
    dialledAt: -100,
    answeredAt: 0,
    agentAt: 3_100,
    silentMs: 900,
    silences: [],
    presses: [{ key: '1', at: 1_900 }],
    sent: Array.from({ length: 115 }, (_, i) => ({ n: (i + 1) * 10, at: (i + 1) * 200 })),
    hungUpAt: 23_000,
  }
  const recording = {
    id: 'r',
    purpose: 'service',
    state: 'finished',
    packets: { caller: said(7, 990), agent: said(0, 990) },
    samples: { caller: 160_000, agent: 160_000 },
    missing: { caller: 0, agent: 0 },
  }
  return {
    record,
    calls: [call],
    recordings: [recording],
    struck: [],
    unreliable: [],
  } as unknown as JudgedCall
}

/** The columns of the faults that the judge finds. */
const judged = (of: JudgedCall) =>
  [...checkCall(of), ...checkEvents(of), ...checkConsent(of), ...checkAudio(of)].map(({ column }) => column)

/** The columns of the faults in a call with a change to it. */
function changed(change: (of: JudgedCall) => void): string[] {
  const of = structuredClone(whole())
  change(of)
  return judged(of)
}
const without = (type: string) => (of: JudgedCall) => {
  const [call] = of.calls
  call!.events = call!.events.filter(event => event.type !== type)
}
const twice = (type: string) => (of: JudgedCall) => {
  const { events } = of.calls[0]!
  events.push({ ...events.find(event => event.type === type)!, at: at(9) })
}

t.test('the call without a fault has none', async t => {
  t.strictSame(judged(whole()), [])
})

t.test('an event that is missing from the journal is lost', async t => {
  for (const type of ['call.started', 'call.decided', 'call.ended', 'recording.finished'])
    t.strictSame(changed(without(type)), ['lost'], type)
  t.strictSame(changed(without('recording.prepared')), ['lost'], 'a yes without a recording')
  t.strictSame(
    changed(of => of.calls.pop()),
    ['lost', 'unconsented', 'lost'],
    'the whole call, whose recording is then without a yes',
  )
  const unheard = changed(of => {
    without('consent.answered')(of)
    of.calls[0]!.purposes = []
    of.recordings = []
  })
  t.ok(unheard.includes('lost'), 'a yes that was pressed')
})

t.test('an event that is in the journal twice is doubled', async t => {
  for (const type of ['call.started', 'consent.answered', 'recording.prepared', 'recording.part-ended'])
    t.ok(changed(twice(type)).includes('doubled'), type)
  t.ok(changed(of => of.calls.push(of.calls[0]!)).includes('doubled'), 'the whole call')
  const given = { type: 'consent.answered' as const, purpose: 'service', answer: 'failed', reason: 'journal' }
  const late = changed(of => {
    const { events } = of.calls[0]!
    events.splice(
      events.findIndex(({ type }) => type === 'recording.prepared'),
      0,
      { ...given, at: at(9) },
    )
  })
  t.notOk(late.includes('doubled'), 'an answer whose commit failed is no second answer')
  t.ok(late.includes('unconsented'), 'it is no basis for a recording')
})

t.test('a recording that nobody agreed to is unconsented', async t => {
  t.ok(changed(of => of.record.presses.pop()).includes('unconsented'), 'a yes that nobody pressed')
  t.ok(changed(without('consent.answered')).includes('unconsented'), 'a recording without a yes')
  const early = changed(of => {
    of.recordings[0]!.packets!.caller.unshift({ call: 7, n: 3, at: 0 })
  })
  t.ok(early.includes('unconsented'), 'what was said before the yes')
})

t.test('a withdrawal that is not in the journal is lost, unless the PBX was killed before', async t => {
  const withdrew = (struck: object[]) =>
    changed(of => {
      of.record.withdrewAt = 12_000
      of.struck = struck as typeof of.struck
    })
  t.ok(withdrew([]).includes('lost'))
  const killed = { fault: catalogue.find(({ name }) => name === 'PBX killed'), to: 8_000, workedAfterMs: 0 }
  t.notOk(withdrew([{ ...killed, from: 7_000 }]).includes('lost'))
  t.ok(withdrew([{ ...killed, from: 13_000 }]).includes('lost'), 'killed afterwards')
})

t.test('missing audio is lost, and repeated audio is doubled', async t => {
  const cut = (from: number, to: number) => (of: JudgedCall) =>
    of.recordings[0]!.packets!.caller.splice(from, to - from)
  t.strictSame(changed(cut(300, 500)), ['lost'], 'a block of one side')
  t.strictSame(changed(cut(780, 990)), ['lost'], 'the last block')
  t.strictSame(changed(cut(300, 310)), [], 'the PBX may lose a fifth of a second')
  const again = changed(of => {
    const { agent } = of.recordings[0]!.packets!
    agent.splice(400, 0, ...agent.slice(200, 400))
  })
  t.strictSame(again, ['doubled'], 'a block that comes twice')
  const hole = changed(of => {
    of.recordings[0]!.missing.agent = 1
  })
  t.strictSame(hole, ['lost'], 'a sample that no part holds')
  const refused = changed(of => {
    of.recordings[0]!.packets = undefined
  })
  t.strictSame(refused, ['lost'], 'a recording that does not open')
  const destroyed = (cause: 'term' | 'withdrawal') =>
    changed(of => {
      of.recordings[0]!.state = 'destroyed'
      of.calls[0]!.events.push({ at: at(30), type: 'recording.destroyed', recording: 'r', cause })
    })
  t.strictSame(destroyed('term'), ['lost'], 'a recording that was destroyed before its day')
  t.strictSame(destroyed('withdrawal'), [], 'a recording that was destroyed after a withdrawal')
  t.ok(changed(of => of.recordings[0]!.packets!.agent.splice(0)).includes('lost'), 'a side without a word')
  const mixed = changed(of => {
    of.recordings[0]!.packets!.caller[500]!.call = 8
  })
  t.strictSame(mixed, ['lost'], 'words of another call')
})

t.test('a call that we ended or left in silence is dropped', async t => {
  const ended = changed(of => {
    delete of.record.hungUpAt
  })
  t.ok(ended.includes('dropped'), 'ended by the PBX')
  const silent = changed(of => {
    of.record.silentMs = 21_000
  })
  t.ok(silent.includes('dropped'), 'in silence')
  const kept = changed(of => {
    delete of.record.agentAt
    of.record.plan.lifeMs = 151_000
  })
  t.ok(kept.includes('dropped'), 'never with the agent')
  const unanswered = changed(of => {
    delete of.record.answeredAt
  })
  t.ok(unanswered.includes('dropped'), 'never answered')
})

/** A call that heard nothing from second 1 to 9.5, while these faults struck from second 2 to 5. */
const silentDuring = (faults: object[], change: (of: JudgedCall) => void = () => {}) => {
  const of = structuredClone(whole())
  of.record.silences = [{ from: 1_000, to: 9_500 }]
  of.struck = faults.map(fault => ({
    fault,
    from: 2_000,
    to: 5_000,
    workedAfterMs: 0,
  })) as typeof of.struck
  change(of)
  return of
}

t.test('a silence is judged by the faults that excuse it', async t => {
  const during = (...faults: object[]) => judged(silentDuring(faults)).includes('dropped')
  t.ok(during(), 'nothing excuses it')
  t.ok(during({ silentMs: 8_000 }), 'it is longer than a hung disk excuses')
  t.ok(during({ silentMs: 8_000 }, { harmless: true }), 'junk excuses nothing')
  t.notOk(during({ silentMs: 9_000 }), 'it is as long as a hung disk excuses')
  t.notOk(during({ silentMs: 8_000 }, {}), 'another fault may have kept the caller waiting')
  const after = (from: number) =>
    silentDuring([{}], of => {
      of.record.silences = [{ from, to: from + 8_500 }]
    })
  t.notOk(judged(after(6_900)).includes('dropped'), 'a fault has effects for two seconds after its end')
  t.ok(judged(after(7_100)).includes('dropped'), 'and no longer')
})

t.test('a fault that strikes neither the service nor its way to the PBX excuses no silence', async t => {
  const strict = ['store gone', 'database stopped', 'keeper killed', 'clock jumps back', 'disk full']
  const lax = ['service killed', 'keeper stands still', 'ARI stalls', 'false clock at boot']
  const found = (name: string) => catalogue.find(fault => fault.name === name)!
  for (const name of strict) t.ok(judged(silentDuring([found(name)])).includes('dropped'), name)
  for (const name of lax) t.notOk(judged(silentDuring([found(name)])).includes('dropped'), name)
})

t.test('the report has the longest silence under each fault', async t => {
  const tally = new Tally(1)
  const add = (of: JudgedCall) => {
    const cases = [{ judged: of, violations: [] }]
    tally.add({ batch: { number: 1, callers: [], lanes: [] }, records: [], struck: of.struck } as never, {
      ...{ cases, others: [] },
    })
  }
  add(silentDuring([{ name: 'a' }, { name: 'b' }]))
  add(
    silentDuring([{ name: 'b' }, { name: 'c' }], of => {
      of.record.silences = [
        { from: 4_000, to: 13_000 },
        { from: 8_000, to: 19_000 },
      ]
      of.record.silentMs = 11_000
      of.struck[1]!.from = 18_000
      of.struck[1]!.to = 18_500
    }),
  )
  const { rows, calls } = tally.report
  t.strictSame(
    rows.map(({ fault, silentMs }) => [fault, silentMs]),
    [
      ['a', 8_500],
      ['b', 9_000],
      ['c', 11_000],
    ],
  )
  t.equal(calls.silentMs, 11_000)
})

t.test('numbered speech is read at any position, and only as that of its speaker', async t => {
  const coded = decodeG711(encodeG711(numberedSpeech('caller', 4_001, 65_000, 3), 'alaw'), 'alaw')
  const heard = concatSamples(silence(13), coded, silence(1))
  t.strictSame(
    findNumberedPackets(heard, 'caller').map(({ call, n }) => [call, n]),
    [65_000, 65_001, 65_002].map(n => [4_001, n]),
  )
  t.strictSame(findNumberedPackets(heard, 'agent'), [])
  t.ok(isSaidBy('caller', coded))
  t.notOk(isSaidBy('agent', coded))
})

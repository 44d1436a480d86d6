// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL, the command. Fake: none.
// Callers say a card number while their recording is paused.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { toneDbfs } from '../../lab/audio/levels.js'
import { tone } from '../../lab/audio/signals.js'
import { compiled } from '../../lab/process/compiled.js'
import { SAMPLE_RATE } from '../../src/core/audio.js'
import type { CallTimeline } from '../../src/journal/read/timeline.js'
import { exactly } from '../support/assertions/exactly.js'
import { listFilesBelow, searchFiles } from '../support/assertions/search-files.js'
import { codingsOf, marker, markerNeedles } from '../support/data/marker.js'
import { quickLine } from '../support/data/quick-lines.js'
import { type Legs, startCallLab } from '../support/lab/call-lab.js'
import { pressInDisclosure } from '../support/lab/caller-actions.js'
import { PlacedCall } from '../support/lab/placed-call.js'

const LIMIT = 60_000
/** After this time a paused recording continues by itself, ms. */
const PAUSE_MAX_MS = 4_000
/** How late a timer of the service may be on a busy machine, ms. */
const LATE_MS = 5_000
const TOKEN = 'a-token-of-the-pause-test'
/** What the caller types during the pause, like a card number. */
const DIGITS = '4276550012345678'
/** Tone of the caller after the pause, Hz. */
const AFTER = 2_000

/** The agent of 611 pauses with keys before and after the second sentence. The other agents only talk. */
const extensions = `
exten => 611,1,Gosub(consentry,s,1)
 same =>     n,Dial(Local/611@pausing)
exten => _61[2-5],1,Gosub(consentry,s,1)
 same =>          n,Dial(Local/612@pausing)

[pausing]
exten => 611,1,Answer()
 same =>     n,Playback(\${GLOBAL(sentence)})
 same =>     n,SendDTMF(*7,100)
 same =>     n,Playback(\${GLOBAL(sentence)})
 same =>     n,SendDTMF(*7,100)
 same =>     n(again),Playback(\${GLOBAL(sentence)})
 same =>     n,Goto(again)
exten => 612,1,Answer()
 same =>     n(again),Playback(\${GLOBAL(sentence)})
 same =>     n,Goto(again)
`
const lab = await startCallLab(t, {
  extensions,
  env: { CONSENTRY_API_TOKEN: TOKEN },
  lines: [...['611', '612', '614'].map(n => quickLine(n)), quickLine('613', { pauseMaxMs: PAUSE_MAX_MS })],
})
const { ready, pbx } = lab.lab
await pbx.setGlobal('sentence', join(pbx.dir, 'sounds', 'agent-sentence'))

/** Sends an order to the service over HTTP. @returns status and body */
async function order(call: string, to: string, token: string | undefined = TOKEN) {
  const answer = await fetch(`${ready.http}/api/calls/${call}/${to}`, {
    method: 'POST',
    headers: token ? { authorization: `Bearer ${token}` } : {},
  })
  return { status: answer.status, body: await answer.json() }
}

/** Runs a verb as an operator does. */
const verb = (...words: string[]) =>
  promisify(execFile)(process.execPath, [compiled('cli'), ...words, '--json'], {
    env: { ...lab.lab.env, CONSENTRY_API_TOKEN: TOKEN },
  })

/** Places a recorded call whose caller has said the marker once before any pause. */
async function talk(number: string): Promise<{ placed: PlacedCall; id: string }> {
  const placed = await PlacedCall.place(lab, { number })
  await placed.caller.waitForAnswer(LIMIT)
  await pressInDisclosure('1')(placed)
  await placed.waitForEvent('call.released')
  await placed.caller.say(marker)
  await placed.caller.say(tone([300], 1_000))
  return { placed, id: (await placed.read())!.id }
}

/** Says the marker and types the card number during the pause. */
async function sayCard({ caller }: PlacedCall, markers = 2, digits = DIGITS.slice(0, 6)): Promise<void> {
  for (let i = 0; i < markers; i++) void caller.say(marker)
  for (const digit of digits) await caller.press(digit, { ms: 40 })
}

/** Talks until further blocks have been recorded, then hangs up. */
async function talkAndHangUp(placed: PlacedCall): Promise<CallTimeline> {
  await placed.caller.say(tone([AFTER], 9_000, -12))
  return placed.finish()
}

const inPcm = codingsOf('alaw').find(({ name }) => name === 'PCM of alaw, LE')!.bytes
/** Positions of any 20 ms of the marker in a leg, samples. */
function markerPositions(leg: Int16Array): number[] {
  const bytes = Buffer.from(leg.buffer, leg.byteOffset, leg.byteLength)
  const found: number[] = []
  for (let at = 0; at + 320 <= inPcm.length; at += 320) {
    const piece = inPcm.subarray(at, at + 320)
    for (let i = bytes.indexOf(piece); i >= 0; i = bytes.indexOf(piece, i + 1)) found.push(i / 2)
  }
  return found
}

/** Stretches of silence that are longer than any in speech, samples: from, to. */
function holes(leg: Int16Array): [number, number][] {
  const found: [number, number][] = []
  for (let at = 0; at < leg.length; at++) {
    const from = at
    while (at < leg.length && leg[at] === 0) at++
    if (at - from > SAMPLE_RATE / 2) found.push([from, at])
  }
  return found
}

type Paused = { call: CallTimeline; by: string; resumedBy: string }

/** The agent pauses with keys. */
async function byAgent(): Promise<Paused> {
  const { placed } = await talk('611')
  await placed.waitForEvent('recording.paused')
  await sayCard(placed)
  await placed.waitForEvent('recording.resumed')
  return { call: await talkAndHangUp(placed), by: 'agent', resumedBy: 'agent' }
}

/** A program pauses over HTTP. */
async function byProgram(): Promise<Paused & { answers: unknown[] }> {
  const { placed, id } = await talk('612')
  const answers = [await order(id, 'pause'), await order(id, 'pause')]
  await sayCard(placed, 5, DIGITS)
  answers.push(await order(id, 'resume'))
  return { call: await talkAndHangUp(placed), by: 'api', resumedBy: 'api', answers }
}

/** An operator pauses at the command line, and nobody resumes. */
async function forgotten(): Promise<Paused> {
  const { placed, id } = await talk('613')
  await verb('pause', id)
  await sayCard(placed, 1)
  await placed.waitForEvent('recording.resumed')
  return { call: await talkAndHangUp(placed), by: 'api', resumedBy: 'timeout' }
}

const [agent, program, timeout] = await Promise.all([byAgent(), byProgram(), forgotten()])

/**
 * How far the hole may be from its place in the journal beyond the margin, samples. On a busy machine packets are late, and Asterisk
 * writes more samples than time has passed.
 */
const SLACK = SAMPLE_RATE
/** By this time a pause is longer at either end, samples: docs/architecture.md. */
const MARGIN = 0.25 * SAMPLE_RATE
/** Samples of a block of Asterisk. A new service leaves out the whole block in which the pause begins. */
const BLOCK = 32_768

/** Asserts that both legs were recorded except for the pause, and that the journal has the pause. */
async function hasHole(t: Test, { call, by, resumedBy }: Paused, parts = 1): Promise<Legs> {
  const [paused, resumed] = ['recording.paused', 'recording.resumed'].map(wanted =>
    call.events.filter(({ type }) => type === wanted),
  )
  t.match(paused, exactly({ by }), 'the timeline says who paused it')
  t.match(resumed, exactly({ by: resumedBy }), 'the timeline says what resumed it')
  t.match(call.recordings, exactly({ state: 'finished', files: { length: parts } }))
  const legs = await lab.open(call.recordings[0]!.id)
  for (const leg of ['caller', 'agent'] as const) {
    const found = holes(legs[leg])
    t.equal(found.length, 1, `one hole on the ${leg}'s side`)
    const [from, to] = found[0]!
    const [start, stop] = [Number(paused![0]![leg]), Number(resumed![0]![leg])]
    t.comment(
      `${leg}: left out from ${(from - start) / 8} ms after the pause to ${(to - stop) / 8} ms after its end`,
    )
    const earliest = start - MARGIN - SLACK - (parts === 1 ? 0 : BLOCK)
    t.ok(from <= start && from > earliest, 'the hole begins with the pause')
    if (parts === 1) t.ok(to >= stop && to < stop + MARGIN + SLACK, 'the hole ends with the pause')
    const [early, late] = [legs[leg].subarray(0, from), legs[leg].subarray(to)]
    t.ok(
      late.length > 3 * SAMPLE_RATE && early.length > SAMPLE_RATE,
      'audio before and after the pause is recorded',
    )
    if (leg === 'agent') continue
    const said = markerPositions(legs.caller)
    t.ok(said.length > 10, 'the marker before the pause is found')
    t.ok(
      said.every(at => at < from),
      'no marker of the pause is found',
    )
    t.ok(
      toneDbfs(late.subarray(SAMPLE_RATE, 3 * SAMPLE_RATE), AFTER) > -30,
      'the tone after the pause is found',
    )
  }
  return legs
}

t.test('an agent pauses and resumes with keys', async t => {
  await hasHole(t, agent)
})
t.test('a program pauses and resumes over HTTP', async t => {
  await hasHole(t, program)
  const id = program.call.id
  t.match(
    program.answers,
    exactly(
      { status: 200, body: { call: id, paused: true } },
      { status: 200, body: { call: id, paused: true } },
      { status: 200, body: { call: id, paused: false } },
    ),
  )
})
t.test('the command that opens a recording prints its pauses', async t => {
  const [recording] = agent.call.recordings
  const out = join(ready.data, 'opened.wav')
  const { stdout } = await verb('open', recording!.id, '-o', out)
  await rm(out)
  const [{ data }] = await lab.db
    .selectFrom('event')
    .where('type', '=', 'recording.paused')
    .where('call_id', '=', agent.call.id)
    .select('data')
    .execute()
    .then(rows => rows as [{ data: { caller: number } }])
  const { pauses } = JSON.parse(stdout) as { pauses: { by: string; from: number; to: number }[] }
  t.match(pauses, exactly({ by: 'agent', to: Number }))
  t.ok(Math.abs(pauses[0]!.from - data.caller / SAMPLE_RATE) < 0.1, 'the pause is where the journal says')
})
t.test('a pause that nobody ends ends by itself after `pauseMaxMs`', async t => {
  await hasHole(t, timeout)
  const at = (wanted: string) => Date.parse(timeout.call.events.find(({ type }) => type === wanted)!.at)
  const took = at('recording.resumed') - at('recording.paused')
  t.ok(took >= PAUSE_MAX_MS && took < PAUSE_MAX_MS + LATE_MS, `after ${PAUSE_MAX_MS} ms: ${took} ms`)
})

t.test('a recording stays paused after the service is killed', async t => {
  const { placed, id } = await talk('614')
  await placed.waitForEvent('recording.part-started')
  await order(id, 'pause')
  await placed.waitForEvent('recording.paused')
  const said = sayCard(placed, 12)
  lab.lab.service.kill('SIGKILL')
  await said
  await lab.lab.service.waitUntilReady()
  t.match(await order(id, 'resume'), { status: 200 })
  await hasHole(t, { call: await talkAndHangUp(placed), by: 'api', resumedBy: 'api' }, 2)
})

t.test('a pause without the right token or without a recording is refused', async t => {
  const { placed, id } = await talk('612')
  t.match(await order(id, 'pause', ''), { status: 401 })
  t.match(await order(id, 'pause', `${TOKEN}x`), { status: 401 })
  t.match(await order('nobody', 'pause'), { status: 404 })
  await t.rejects(verb('pause', 'nobody'), { code: 1, stderr: /no such call/ })
  const refused = await PlacedCall.place(lab, { number: '612' })
  await refused.caller.waitForAnswer(LIMIT)
  await pressInDisclosure('2')(refused)
  await refused.waitForEvent('call.released')
  t.match(await order((await refused.read())!.id, 'pause'), { status: 409 })
  await Promise.all([placed.finish(), refused.finish()])
  t.match(await order(id, 'resume'), { status: 404 }, 'the call is over')
})

t.test('the card number is in no file, no row and no log', async t => {
  const files = (await Promise.all([ready.data, ready.tap].map(listFilesBelow))).flat()
  const wanted = [...markerNeedles('alaw'), { name: 'digits', bytes: Buffer.from(DIGITS) }]
  t.strictSame(await searchFiles(files, wanted), [])
  const rows = await lab.db.selectFrom('event_personal').select('data').execute()
  const digits = rows.flatMap(({ data }) => (data as { digit?: string }).digit ?? [])
  t.ok(
    digits.length >= 5 && digits.every(digit => '12'.includes(digit)),
    'the database has only the keys of answers',
  )
  const events = await lab.db.selectFrom('event').select('data').execute()
  t.notOk(
    events.some(({ data }) => 'digit' in data),
    'no event has a key',
  )
  t.ok(readFileSync(join(ready.data, 'lab', 'service.log'), 'utf8').length > 0, 'there is a log')
})

// Real Asterisk, PostgreSQL, service, keeper and SIP callers, who say a card number while the recording is paused.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { toneDbfs } from '../../lab/audio/levels.js'
import { tone } from '../../lab/audio/signals.js'
import { compiled } from '../../lab/process/compiled.js'
import type { CallTimeline } from '../../src/journal/read/timeline.js'
import { SAMPLE_RATE } from '../../src/shared/audio.js'
import { listFilesBelow, searchFiles } from '../support/assertions/search-files.js'
import { codingsOf, marker, markerNeedles } from '../support/data/marker.js'
import { quickLine } from '../support/data/quick-lines.js'
import { type Legs, startCallLab } from '../support/lab/call-lab.js'
import { pressInDisclosure } from '../support/lab/caller-actions.js'
import { PlacedCall } from '../support/lab/placed-call.js'

const LIMIT = 60_000
const TOKEN = 'a-token-of-the-pause-test'
/** What is typed while it is paused, as a card number would be. */
const DIGITS = '4276550012345678'
/** What the caller says once it goes on, Hz. */
const AFTER = 2_000

/** The agent of 611 pauses with keys while the second sentence is said; those of the others only talk. */
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
  lines: [...['611', '612', '614'].map(n => quickLine(n)), quickLine('613', { pauseMaxMs: 4_000 })],
})
const { ready, pbx } = lab.lab
await pbx.setGlobal('sentence', join(pbx.dir, 'sounds', 'agent-sentence'))

/** Orders the service over HTTP. @returns status and body */
async function order(call: string, to: string, token: string | undefined = TOKEN) {
  const answer = await fetch(`${ready.http}/api/calls/${call}/${to}`, {
    method: 'POST',
    headers: token ? { authorization: `Bearer ${token}` } : {},
  })
  return { status: answer.status, body: await answer.json() }
}

/** The verbs `pause` and `resume`, as an operator calls them. */
const verb = (...words: string[]) =>
  promisify(execFile)(process.execPath, [compiled('cli'), ...words, '--json'], {
    env: { ...lab.lab.env, CONSENTRY_API_TOKEN: TOKEN },
  })

/** A recorded call whose caller has said the marker once, before any pause. */
async function talk(number: string): Promise<{ placed: PlacedCall; id: string }> {
  const placed = await PlacedCall.place(lab, { number })
  await placed.caller.waitForAnswer(LIMIT)
  await pressInDisclosure('1')(placed)
  await placed.waitForEvent('call.released')
  await placed.caller.say(marker)
  await placed.caller.say(tone([300], 1_000))
  return { placed, id: (await placed.read())!.id }
}

/** Says the marker and types the card number, all of it while the recording is paused. */
async function sayCard({ caller }: PlacedCall, markers = 2, digits = DIGITS.slice(0, 6)): Promise<void> {
  for (let i = 0; i < markers; i++) void caller.say(marker)
  for (const digit of digits) await caller.press(digit, { ms: 40 })
}

/** Goes on talking until blocks with it have been recorded, then hangs up. */
async function goOn(placed: PlacedCall): Promise<CallTimeline> {
  await placed.caller.say(tone([AFTER], 9_000, -12))
  return placed.finish()
}

const inPcm = codingsOf('alaw').find(({ name }) => name === 'PCM of alaw, LE')!.bytes
/** Where in a leg any 20 ms of the marker stand, samples. */
function places(leg: Int16Array): number[] {
  const bytes = Buffer.from(leg.buffer, leg.byteOffset, leg.byteLength)
  const found: number[] = []
  for (let at = 0; at + 320 <= inPcm.length; at += 320) {
    const piece = inPcm.subarray(at, at + 320)
    for (let i = bytes.indexOf(piece); i >= 0; i = bytes.indexOf(piece, i + 1)) found.push(i / 2)
  }
  return found
}

/** Where a recording is silent for longer than anybody is in talk, samples: from, to. */
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

/** The agent's keys. */
async function byAgent(): Promise<Paused> {
  const { placed } = await talk('611')
  await placed.waitForEvent('recording.paused')
  await sayCard(placed)
  await placed.waitForEvent('recording.resumed')
  return { call: await goOn(placed), by: 'agent', resumedBy: 'agent' }
}

/** A program, over HTTP. */
async function byProgram(): Promise<Paused & { answers: unknown[] }> {
  const { placed, id } = await talk('612')
  const answers = [await order(id, 'pause'), await order(id, 'pause')]
  await sayCard(placed, 5, DIGITS)
  answers.push(await order(id, 'resume'))
  return { call: await goOn(placed), by: 'api', resumedBy: 'api', answers }
}

/** An operator at the command line, who forgets it. */
async function forgotten(): Promise<Paused> {
  const { placed, id } = await talk('613')
  await verb('pause', id)
  await sayCard(placed, 1)
  await placed.waitForEvent('recording.resumed')
  return { call: await goOn(placed), by: 'api', resumedBy: 'timeout' }
}

const [agent, program, timeout] = await Promise.all([byAgent(), byProgram(), forgotten()])

/**
 * How far the hole in a recording may be from where the journal has it, beside the quarter second of margin, samples: on a
 * busy machine packets come late, and Asterisk writes more samples than time has passed.
 */
const SLACK = SAMPLE_RATE
const MARGIN = 0.25 * SAMPLE_RATE
/** Asterisk hands over so many samples at once. A new service leaves the whole block out in which the pause begins. */
const BLOCK = 32_768

/** Asserts that a call was recorded but for the pause, on both legs, and that the journal says so. */
async function hasHole(t: Test, { call, by, resumedBy }: Paused, parts = 1): Promise<Legs> {
  const [paused, resumed] = ['recording.paused', 'recording.resumed'].map(wanted =>
    call.events.filter(({ type }) => type === wanted),
  )
  t.match(paused, [{ by }], 'the timeline says who paused it')
  t.match(resumed, [{ by: resumedBy }], 'and what let it go on')
  t.match(call.recordings, [{ state: 'finished', files: { length: parts } }])
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
    t.ok(from <= start && from > earliest, 'it begins with the pause')
    if (parts === 1) t.ok(to >= stop && to < stop + MARGIN + SLACK, 'and ends with it')
    const [early, late] = [legs[leg].subarray(0, from), legs[leg].subarray(to)]
    t.ok(late.length > 3 * SAMPLE_RATE && early.length > SAMPLE_RATE, 'before and after, it is recorded')
    if (leg === 'agent') continue
    const said = places(legs.caller)
    t.ok(said.length > 10, 'what was said before the pause is found')
    t.ok(
      said.every(at => at < from),
      'what was said in it is not',
    )
    t.ok(toneDbfs(late.subarray(SAMPLE_RATE, 3 * SAMPLE_RATE), AFTER) > -30, 'what was said after it is')
  }
  return legs
}

t.test('the agent pauses with keys, and goes on with the same', async t => {
  await hasHole(t, agent)
})
t.test('so does a program', async t => {
  await hasHole(t, program)
  const id = program.call.id
  t.match(program.answers, [
    { status: 200, body: { call: id, paused: true } },
    { status: 200, body: { call: id, paused: true } },
    { status: 200, body: { call: id, paused: false } },
  ])
})
t.test('whoever opens it is told why it is silent there', async t => {
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
  t.match(pauses, [{ by: 'agent', to: Number }])
  t.ok(Math.abs(pauses[0]!.from - data.caller / SAMPLE_RATE) < 0.1, 'the pause is where the journal says')
})
t.test('what nobody resumes goes on by itself', async t => {
  await hasHole(t, timeout)
  const at = (wanted: string) => Date.parse(timeout.call.events.find(({ type }) => type === wanted)!.at)
  t.ok(at('recording.resumed') - at('recording.paused') >= 4_000, 'not before its time')
})

t.test('a service that is killed in a pause leaves it paused to the next one', async t => {
  const { placed, id } = await talk('614')
  await placed.waitForEvent('recording.part-started')
  await order(id, 'pause')
  await placed.waitForEvent('recording.paused')
  const said = sayCard(placed, 12)
  lab.lab.service.kill('SIGKILL')
  await said
  await lab.lab.service.waitUntilReady()
  t.match(await order(id, 'resume'), { status: 200 })
  await hasHole(t, { call: await goOn(placed), by: 'api', resumedBy: 'api' }, 2)
})

t.test('who may not pause, and what cannot be', async t => {
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
  t.match(await order(id, 'resume'), { status: 404 }, 'it is over')
})

t.test('the card number is in no file, row or log', async t => {
  const files = (await Promise.all([ready.data, ready.tap].map(listFilesBelow))).flat()
  const wanted = [...markerNeedles('alaw'), { name: 'digits', bytes: Buffer.from(DIGITS) }]
  t.strictSame(await searchFiles(files, wanted), [])
  const rows = await lab.db.selectFrom('event_personal').select('data').execute()
  const digits = rows.flatMap(({ data }) => (data as { digit?: string }).digit ?? [])
  t.ok(
    digits.length >= 5 && digits.every(digit => '12'.includes(digit)),
    'only answers are known by their key',
  )
  const events = await lab.db.selectFrom('event').select('data').execute()
  t.notOk(
    events.some(({ data }) => 'digit' in data),
    'and no event has any',
  )
  t.ok(readFileSync(join(ready.data, 'lab', 'service.log'), 'utf8').length > 0, 'there is a log')
})

// Real: Asterisk, SIP callers and phones, the service and its keeper, PostgreSQL. Fake: none.
// The PBX begins to record the channel of a caller, or of an agent, in the middle of a conversation, and nobody is connected again. The service has
// it stopped.
// Long only: a recording of the PBX; `call/vanish` has its alarm.
import { appendFile, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { pollUntil } from '../../lab/process/start-process.js'
import { epochMs } from '../../lab/time.js'
import type { CallTimeline } from '../../src/journal/read/timeline.js'
import { exactly } from '../support/assertions/exactly.js'
import { matchEach } from '../support/assertions/match-each.js'
import { quickLine } from '../support/data/quick-lines.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { press } from '../support/lab/caller-actions.js'
import { openPhones } from '../support/lab/open-phones.js'
import type { PlacedCall } from '../support/lab/placed-call.js'
import { placesOf } from '../support/lab/tones-heard.js'
import { dial, finish, LIMIT, stayApart, talkTo } from '../support/situations/company.js'
import { Said } from '../support/situations/said.js'

/** What a caller sounds like before the recording of the PBX, and after it is stopped, Hz. */
const HZ = { before: 830, after: 1_730 }
const AFTER_MS = 4_000
/** How long keys may take until they are pressed again, ms, and how often they are. */
const [AGAIN_MS, TIMES] = [12_000, 4]
/** What the PBX may have of it, s: nothing, but for a tone at the edge of a window. */
const SLIP_S = 0.1
/** Within this time it is found, ms. The look that the service takes at the PBX every 30 s finds it as well. */
const AT_ONCE_MS = 8_000

const { presses, isTold, agents } = await openPhones(t, 'presses', 'isTold', 'agents')
const lab = await startCallLab(t, {
  // `x`: the agent may begin a recording by a feature code.
  extensions: `
exten => 845,1,Gosub(consentry,s,1)
 same =>     n,Set(__TOUCH_MIXMONITOR=on-demand)
 same =>     n,Dial(${presses.agentEndpoint},30,x)
exten => 846,1,Gosub(consentry,s,1)
 same =>     n,Dial(${isTold.agentEndpoint},30)
exten => 847,1,Gosub(consentry,s,1)
 same =>     n,Dial(${agents.agentEndpoint},30)
`,
  lines: ['845', '846', '847'].map(number => quickLine(number)),
  env: { CONSENTRY_PBX_RECORDS: 'stop' },
})
const { pbx } = lab.lab
await appendFile(join(pbx.dir, 'etc', 'features.conf'), '\nautomixmon = *1\n')
await pbx.cli('module reload features')
const monitor = join(pbx.dir, 'spool', 'monitor')

/** The channel of the only agent who talks. */
const channelOfAgent = async (): Promise<string> =>
  /^PJSIP\/agent-[^!]+/m.exec(await pbx.cli('core show channels concise'))![0]

const channelOf = async (placed: PlacedCall): Promise<string> =>
  String((await placed.read())!.events.find(({ type }) => type === 'call.started')!['channel'])

/**
 * Caller and agent talk, the PBX begins to record, and the caller talks on.
 *
 * @param begin has the PBX record the channel of the caller
 * @param isAgents whether it is that of the agent
 */
async function play(
  number: string,
  phone: typeof presses,
  answer: '1' | '2',
  begin: (channel: string, agent: Awaited<ReturnType<typeof talkTo>>) => Promise<unknown>,
  isAgents = false,
): Promise<{ call: CallTimeline; tookMs: number }> {
  const placed = await dial(lab, number, answer)
  const said = new Said(HZ, placed.caller)
  const agent = await talkTo(placed, phone)
  await said.by(placed.caller, 'before')
  const channel = await (isAgents ? channelOfAgent() : channelOf(placed))
  const isFound = async () =>
    (await placed.read())!.events.some(({ type }) => type === 'call.recorded-by-pbx')
  let began = 0
  // On a busy machine the PBX may take the keys of a feature for single ones. Then they are pressed again.
  for (let time = 0; time < TIMES && !(await isFound()); time++) {
    await begin(channel, agent)
    began = epochMs()
    await pollUntil(isFound, AGAIN_MS)
  }
  const goesOn = async () => (await pbx.cli(`mixmonitor list ${channel}`)).includes('.wav')
  if (!(await pollUntil(async () => !(await goesOn()), LIMIT))) throw new Error('the PBX records on')
  await stayApart()
  await said.by(placed.caller, 'after', AFTER_MS)
  const { at } = await placed.waitForEvent('call.recorded-by-pbx')
  return { call: await finish(placed), tookMs: Date.parse(at) - began }
}

const { call: byKeys, ...keys } = await play('845', presses, '2', (_, agent) => press(agent, '*1'))
const { call: byOrder, ...order } = await play('846', isTold, '1', channel =>
  pbx.cli(`mixmonitor start ${channel} told.wav`),
)
// An unrecorded caller's agent, and a recorded one's.
const beside: CallTimeline[] = []
for (const answer of ['2', '1'] as const) {
  const begin = (channel: string) => pbx.cli(`mixmonitor start ${channel} beside-${answer}.wav`)
  beside.push((await play('847', agents, answer, begin, true)).call)
}

t.test('it is in the journal, with who agreed', async t => {
  for (const { events } of [byKeys, byOrder, ...beside])
    matchEach(
      t,
      events.filter(({ type }) => type === 'call.recorded-by-pbx'),
      [{ when: 'after', stopped: true }],
    )
  for (const { tookMs } of [keys, order]) t.ok(tookMs < AT_ONCE_MS, `it was found after ${tookMs} ms`)
  t.strictSame(byKeys.recordings, [])
  t.strictSame(beside[0]!.recordings, [])
  for (const { recordings } of [byOrder, beside[1]!]) t.match(recordings, exactly({ state: 'finished' }))
})

t.test('the PBX has nothing of what follows, and our recording has it', async t => {
  for (const name of ['on-demand', 'told', 'beside-2', 'beside-1']) {
    const file = (await readdir(monitor)).find(one => one.includes(name))
    const wav = await readFile(join(monitor, file!))
    const samples = new Int16Array(wav.buffer, wav.byteOffset + 44, (wav.length - 44) >> 1)
    const seconds = placesOf(samples, HZ.after).length / 10
    t.ok(seconds <= SLIP_S, `${name}: ${seconds} s of the caller`)
  }
  for (const { recordings } of [byOrder, beside[1]!]) {
    const { caller } = await lab.open(recordings[0]!.id)
    const seconds = placesOf(caller, HZ.after).length / 10
    t.ok(seconds >= AFTER_MS / 1_000 - 0.2, `ours: ${seconds} of ${AFTER_MS / 1_000} s of the caller`)
  }
})

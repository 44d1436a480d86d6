// Real: Asterisk, SIP callers, SIPp. Fake: none.
// There is no service. Calls must reach the agent all the same.
import { readdir, readlink } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { rmsDbfs } from '../../lab/audio/levels.js'
import { tone } from '../../lab/audio/signals.js'
import { Caller } from '../../lab/caller.js'
import { startLoad } from '../../lab/load/start-load.js'
import { agentSentence } from '../../lab/pbx/agent-sounds.js'
import { startPbx } from '../../lab/pbx.js'
import { pollUntil } from '../../lab/process/start-process.js'
import { prepareTools } from '../../lab/tools/prepare-tools.js'
import { exactly } from '../support/assertions/exactly.js'
import { asteriskVersion } from '../support/processes/asterisk-version.js'

const LIMIT = 60_000
const tools = await prepareTools(['sounds'])
const sentence = await agentSentence(tools.sounds)
const dir = t.testdir({})
const pbx = await startPbx({
  version: asteriskVersion,
  dir: join(dir, 'pbx'),
  extensions: `
exten => read-keys,1,Answer()
 same =>           n,Read(keys,,4,,,10)
 same =>           n,Set(GLOBAL(LAB_READ)=\${keys})
 same =>           n,Hangup()
exten => keep-voice,1,Answer()
 same =>            n,Record(${join(dir, 'voice-%d.sln')},0,3)
`,
})
t.teardown(() => pbx.stop())

for (const codec of ['alaw', 'ulaw'] as const) {
  t.test(`without the service a ${codec} caller reaches the agent, unrecorded`, async t => {
    const caller = await Caller.call({ sip: pbx.sip, number: '100', codec })
    await caller.waitForAnswer(LIMIT)
    const found = await caller.heard.waitForWords(sentence, LIMIT)
    t.ok((found?.similarity ?? 0) > 0.98, 'the agent’s sentence is heard completely')
    const from = caller.heard.packets.at(-1)?.at ?? 0
    const packets = () => caller.heard.packets.filter(packet => packet.at > from)
    await pollUntil(async () => packets().length > 50, LIMIT)
    const after = packets()
    const isNext = (i: number) => after[i]!.timestamp - after[i - 1]!.timestamp === 160
    const missing = after.filter((_, i) => i > 0 && !isNext(i)).length
    // A busy machine has Asterisk leave out one now and then. An agent who sends nothing in silence leaves out most.
    t.ok(missing <= after.length / 10, `${missing} gaps between ${after.length} packets`)
    const level = rmsDbfs(Int16Array.from(after.flatMap(({ samples }) => [...samples])))
    t.ok(level < -60 && level > -80, `the agent sends quiet noise after the sentence: ${level} dBFS`)
    const left = await readdir(join(pbx.dir, 'spool'), { recursive: true })
    t.same(left, ['recording'], 'nothing is recorded in the spool')
    await caller.hangup()
    t.same(caller.end, { by: 'caller', status: 0 })
  })
}

for (const keys of ['rfc4733', 'info', 'inband'] as const) {
  t.test(`keys sent by ${keys} arrive`, async t => {
    await pbx.setGlobal('LAB_READ', 'none')
    const caller = await Caller.call({ sip: pbx.sip, number: 'read-keys', keys })
    await caller.waitForAnswer(LIMIT)
    await caller.pressKeys('11*9')
    await caller.waitForEnd(LIMIT)
    t.match(await pbx.cli('dialplan show globals'), /LAB_READ=11\*9/)
  })
}

t.test('a caller can give up before the answer, and vanish after it', async t => {
  const early = await Caller.call({ sip: pbx.sip, number: '100' })
  await early.hangup()
  t.equal(early.end?.by, 'caller', 'the caller ended the early call')
  const late = await Caller.call({ sip: pbx.sip, number: '100' })
  await late.waitForAnswer(LIMIT)
  late.losePower()
  t.equal(late.end?.by, 'lost', 'the late call was lost')
  await pbx.cli('channel request hangup all')
})

t.test('a caller’s speech arrives, and the phone reports the end of the call', async t => {
  const caller = await Caller.call({ sip: pbx.sip, number: 'keep-voice' })
  await caller.waitForAnswer(LIMIT)
  await caller.say(tone([700], 1_500, -20))
  t.same(await caller.waitForEnd(LIMIT), { by: 'pbx', status: 0 })
  t.match(await readdir(dir), exactly('pbx', 'voice-0.sln'))
})

t.test('hostile numbers and names run no command', async t => {
  const hostile = [
    { number: '%24%7BSHELL(touch%20owned)%7D', fromHeader: '"${SHELL(touch owned)}" <sip:a@OWN>' },
    { number: '1,2,3%22)%5D', fromHeader: '"$[1+1]\\"; `touch owned`" <sip:%24%7BEPOCH%7D@OWN>' },
    { number: 'x'.repeat(200), fromHeader: '<sip:+1%00%0a@OWN>' },
  ]
  for (const { number, fromHeader } of hostile) {
    const caller = await Caller.call({ sip: pbx.sip, number, fromHeader })
    const outcome = await caller.waitForAnswer(LIMIT).then(
      () => 'agent',
      () => caller.end?.by,
    )
    t.match(outcome, /^(agent|refusal)$/, `${number} reaches the agent or is refused`)
    await caller.hangup()
  }
  for (const folder of [process.cwd(), homedir(), pbx.dir, await readlink(`/proc/${pbx.pid}/cwd`)])
    t.notOk((await readdir(folder)).includes('owned'), `no command has run in ${folder}`)
})

t.test('ten callers at the same time reach the agent', async t => {
  const load = await startLoad({
    sip: pbx.sip,
    number: '100',
    calls: 10,
    rate: 20,
    key: '1',
    keyAfterMs: 200,
    holdMs: 1_000,
  })
  await t.resolves(load.waitUntilDone())
})

t.test('the PBX ends cleanly and leaves no process', async t => {
  await pbx.stop()
  t.throws(() => process.kill(pbx.pid, 0))
})

// Real: Asterisk, SIP callers, pipes. Fake: the service and its keeper.
// The test tells the dialplan what was decided, and reads the pipes.
import { execFile } from 'node:child_process'
import { closeSync, constants, existsSync, mkdtempSync, openSync, readSync } from 'node:fs'
import { chmod, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { findSpeech } from '../../lab/audio/find-speech.js'
import { decodeG711 } from '../../lab/audio/g711.js'
import { toneDbfs } from '../../lab/audio/levels.js'
import { tone } from '../../lab/audio/signals.js'
import { readWav } from '../../lab/audio/wav.js'
import { Caller } from '../../lab/caller.js'
import { agentSentence } from '../../lab/pbx/agent-sounds.js'
import { startPbx } from '../../lab/pbx.js'
import { removeProtected } from '../../lab/process/remove-protected.js'
import { pollUntil } from '../../lab/process/start-process.js'
import { epochMs } from '../../lab/time.js'
import { prepareTools } from '../../lab/tools/prepare-tools.js'
import { SAMPLE_RATE } from '../../src/core/audio.js'
import { isHeard, waitUntilHeard } from '../support/assertions/heard-words.js'
import { asteriskVersion } from '../support/processes/asterisk-version.js'
import { LabApp } from './lab-app.js'

const LIMIT = 60_000
const { sounds } = await prepareTools(['sounds'])
const sentence = await agentSentence(sounds)
const elsewhere = await readWav(join(sounds, 'usr/share/asterisk/sounds/en_US_f_Allison/demo-thanks.wav'))
const pbx = await startPbx({
  version: asteriskVersion,
  dir: t.testdir({}),
  extensions: `
[elsewhere]
exten => desk,1,Answer()
 same =>      n,Playback(demo-thanks)
 same =>      n,Wait(30)
`,
})
t.teardown(() => pbx.stop())
const app = await LabApp.open(pbx)
t.teardown(() => app.close())

/** Makes a tap folder like the keeper: two pipes that only the keeper and Asterisk can open. */
async function makeTap(name: string) {
  const dir = mkdtempSync(join(tmpdir(), `consentry-test-${name}-`))
  t.teardown(() => removeProtected(dir))
  const prefix = join(dir, 'tap')
  const paths = { rx: `${prefix}.rx.alaw`, tx: `${prefix}.tx.alaw` }
  await promisify(execFile)('mkfifo', ['-m', '0620', paths.rx, paths.tx])
  await chmod(dir, 0o500)
  return { dir, prefix, paths }
}

/** Reads a pipe from now on, so that its writer never waits. @returns all samples, once the writer has closed the pipe */
async function readWhole(path: string): Promise<Int16Array> {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const parts: Buffer[] = []
  const buffer = Buffer.alloc(65_536)
  let connected = false
  await pollUntil(async () => {
    try {
      for (let n = readSync(fd, buffer); n > 0; n = readSync(fd, buffer))
        parts.push(Buffer.from(buffer.subarray(0, n)))
    } catch (error) {
      // The writer is connected and has written nothing new.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      connected = true
      return false
    }
    return connected || parts.length > 0
  }, LIMIT)
  closeSync(fd)
  return decodeG711(Buffer.concat(parts), 'alaw')
}

async function callTo(number: string) {
  const caller = await Caller.call({ sip: pbx.sip, number })
  const channel = await app.arrival(number)
  return { caller, channel: channel.id }
}

/** Waits until the caller hears the agent. @returns false if that never happens */
const hears = ({ heard }: Caller, from?: number) => waitUntilHeard(heard, sentence, LIMIT, from)

t.test('Asterisk writes both sides of a conversation into the pipes, in step, and into no file', async t => {
  const tap = await makeTap('both')
  const [rx, tx] = [readWhole(tap.paths.rx), readWhole(tap.paths.tx)]
  const { caller, channel } = await callTo('101')
  await app.returnToDialplan(channel, 'granted', tap.prefix)
  await caller.waitForAnswer(LIMIT)
  void caller.say(tone([1_200], 2_000, -15))
  t.ok(await hears(caller), 'the agent is heard')
  await caller.hangup()
  const [said, heard] = [await rx, await tx]
  t.ok(toneDbfs(said.subarray(0, 32_000), 1_200) > -30, 'the caller’s leg has the caller’s tone')
  t.ok(toneDbfs(heard, 1_200) < -60, 'the agent’s leg does not have it')
  t.ok(isHeard(heard, sentence), 'the agent’s leg has the agent’s sentence')
  t.notOk(findSpeech(said, sentence), 'the caller’s leg does not have it')
  t.ok(Math.abs(said.length - heard.length) <= 160, `in step: ${said.length} and ${heard.length} samples`)
  t.same((await readdir(tap.dir)).sort(), ['tap.rx.alaw', 'tap.tx.alaw'])
  const left = await readdir(join(pbx.dir, 'spool'), { recursive: true })
  t.same(left, ['recording'], 'nothing is recorded in the spool')
})

const faults: [what: string, spoil: (tap: Awaited<ReturnType<typeof makeTap>>) => Promise<unknown>][] = [
  ['the folder is gone', tap => removeProtected(tap.dir)],
  ['one pipe is gone', tap => chmod(tap.dir, 0o700).then(() => rm(tap.paths.tx))],
  [
    'a file stands in place of a pipe',
    async tap => {
      await chmod(tap.dir, 0o700)
      await rm(tap.paths.rx)
      await writeFile(tap.paths.rx, '')
    },
  ],
]
for (const [what, spoil] of faults) {
  t.test(`the call goes on and no file is written if ${what}`, async t => {
    const tap = await makeTap(what.replaceAll(' ', '-'))
    const { caller, channel } = await callTo('101')
    await chmod(tap.dir, 0o700)
    await spoil(tap)
    await chmod(tap.dir, 0o500).catch(() => {})
    const before = await listing(tap.dir)
    await app.returnToDialplan(channel, 'granted', tap.prefix)
    await caller.waitForAnswer(LIMIT)
    t.ok(await hears(caller), 'the agent is heard')
    t.same(await listing(tap.dir), before)
    await caller.hangup()
  })
}

t.test('Asterisk cannot make a file in a tap folder', async t => {
  const tap = await makeTap('closed')
  const stray = join(tap.dir, 'stray.alaw')
  const caller = await Caller.call({ sip: pbx.sip, number: '101' })
  const channel = await app.arrival('101')
  await app.returnToDialplan(channel.id)
  await caller.waitForAnswer(LIMIT)
  const name = /PJSIP\/[^!\s]+/.exec(await pbx.cli('core show channels concise'))?.[0]
  t.ok(name, 'the channel is found')
  const allowed = join(pbx.dir, 'allowed.alaw')
  for (const file of [stray, allowed]) await pbx.cli(`mixmonitor start ${name} ${file}`)
  t.ok(await hears(caller), 'the agent is heard')
  t.ok(
    await pollUntil(async () => existsSync(allowed), LIMIT),
    'the same order makes a file in another folder',
  )
  t.same(await readFile(stray).catch(error => error.code), 'ENOENT')
  await caller.hangup()
})

t.test('a target leads to another extension, and the return from the Gosub is dropped', async t => {
  const { caller, channel } = await callTo('101')
  await app.setVariable(channel, 'CONSENTRY_TARGET', 'elsewhere,desk,1')
  await app.returnToDialplan(channel, 'refused')
  await caller.waitForAnswer(LIMIT)
  t.ok(await waitUntilHeard(caller.heard, elsewhere, LIMIT), 'the other extension is heard')
  const { dialplan } = (await app.rest('GET', `channels/${channel}`)) as { dialplan: object }
  t.match(dialplan, { context: 'elsewhere', exten: 'desk' })
  await caller.hangup()
})

t.test('after a blind transfer the same channel enters again without the variables of before', async t => {
  await pbx.setGlobal('LAB_AGENT', 'Local/transfer@lab-agent')
  await pbx.setGlobal('LAB_DIAL', 't')
  await pbx.setGlobal('LAB_TRANSFER', '105')
  t.teardown(() => pbx.setGlobal('LAB_AGENT', 'Local/talk@lab-agent'))
  const tap = await makeTap('transfer')
  const legs = [readWhole(tap.paths.rx), readWhole(tap.paths.tx)]
  const { caller, channel } = await callTo('101')
  const begun = epochMs()
  await app.returnToDialplan(channel, 'granted', tap.prefix)
  await caller.waitForAnswer(LIMIT)
  t.ok(await hears(caller), 'the agent is heard')
  const again = await app.arrival('105')
  t.equal(again.id, channel, 'the same channel')
  for (const name of ['CONSENTRY_CALL', 'CONSENTRY_DECISION', 'CONSENTRY_TAP', 'CONSENTRY_TARGET']) {
    t.equal(await app.variable(channel, name), '', name)
  }
  await pbx.setGlobal('LAB_AGENT', 'Local/talk@lab-agent')
  const from = epochMs()
  await app.returnToDialplan(channel)
  t.ok(await hears(caller, from), 'the caller hears an agent again')
  await caller.hangup()
  const [said, heard] = await Promise.all(legs)
  t.ok(Math.abs(said!.length - heard!.length) <= 160, 'both legs of the one tap are in step')
  // The tap begins with the first return to the dialplan. The second agent speaks after the second one.
  const at = ((from - begun) * SAMPLE_RATE) / 1000
  for (const part of [heard!.subarray(0, at), heard!.subarray(at)])
    t.ok(isHeard(part, sentence), 'each part has an agent’s sentence')
})

t.test('a number of any content arrives without what means something to the dialplan', async t => {
  const caller = await Caller.call({
    sip: pbx.sip,
    number: '10%241%7B%22%2C)%5D%20%2A9',
    fromHeader: '"${EXTEN}" <sip:%24%5B1%5D@OWN>',
  })
  const channel = await app.arrival('101*9')
  t.ok(channel.id, 'the channel comes in under the characters that are allowed')
  await app.returnToDialplan(channel.id)
  await caller.hangup()
})

const listing = (dir: string) =>
  readdir(dir).then(
    async names =>
      Promise.all(names.sort().map(async name => `${name} ${(await stat(join(dir, name))).size}`)),
    error => error.code,
  )

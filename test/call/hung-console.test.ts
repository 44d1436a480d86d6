// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL. Fake: the program that should reach Asterisk's console, which hangs.
// Long only: a console of the PBX that hangs; `call/vanish` has one that answers.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { pollUntil } from '../../lab/process/start-process.js'
import { exactly } from '../support/assertions/exactly.js'
import { quickLine } from '../support/data/quick-lines.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { dial, finish, LIMIT } from '../support/situations/company.js'

const lab = await startCallLab(t, {
  extensions: `
exten => _85[12],1,Gosub(consentry,s,1)
 same =>         n,Echo()
`,
  lines: [quickLine('851'), quickLine('852')],
})
const { pbx, ready } = lab.lab
const pids = join(ready.data, 'hung-programs')
const program = join(ready.data, 'hangs')
await writeFile(program, `#!/bin/sh\ntrap '' TERM\necho $$ >>${pids}\nsleep 600\n`, { mode: 0o755 })
await pbx.setGlobal('CONSENTRY_ASTERISK', program)

/** Ids of the programs that hang, or did. */
const started = async () =>
  (await readFile(pids, 'utf8').catch(() => '')).split('\n').filter(Boolean).map(Number)

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const [stopped, other] = await Promise.all([dial(lab, '851'), dial(lab, '852')])
const { channel } = (await stopped.read())!.events.find(({ type }) => type === 'call.started')!
await pbx.cli(`mixmonitor stop ${String(channel)}`)

t.test('a recording that cannot be started again ends, and its call goes on', async t => {
  t.ok(await pollUntil(async () => (await started()).length > 0, LIMIT), 'the console is asked')
  t.match(await stopped.waitForEvent('recording.finished'), { reason: 'tap-stopped' })
  t.ok(await pbx.cli('core show channels concise').then(list => list.includes(String(channel))))
  const { recordings } = await finish(stopped)
  t.match(recordings, exactly({ state: 'truncated' }))
})

t.test('the recording of another call ends with its call', async t => {
  const { recordings } = await finish(other)
  t.match(recordings, exactly({ seconds: Number }))
  t.ok(['finished', 'truncated'].includes(recordings[0]!.state))
})

t.test('no program is left', async t => {
  const left = async () => (await started()).filter(runs)
  t.ok(await pollUntil(async () => (await left()).length === 0, LIMIT), `${await left()}`)
})

// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL, the command as a process. Fake: none.
// A draft is published while a call of its line is in the question.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { labLines } from '../../lab/lab-lines.js'
import { startCallLab } from '../support/lab/call-lab.js'
import {
  dialAndGrant,
  dialIntoDisclosure,
  dialIntoQuestion,
  firstEvent,
  longLine,
  shortLine,
} from '../support/lab/fault-lab.js'
import { consentry } from '../support/processes/command.js'
import { scratch, until } from '../support/processes/database.js'

const site = await startCallLab(t, {
  lines: [shortLine('340', { waitMs: 30_000 }), longLine('341')],
})
const file = join(await scratch(t), 'line.json')

async function line(...args: string[]): Promise<string> {
  const { code, out, err } = await consentry(site.lab.env, 'line', ...args, '--by', 'anna', '--json')
  t.equal(code, 0, err)
  return out
}

/** Publishes a draft of a line, at once or at a time. */
async function publish(number: string, policy: object, ...at: string[]): Promise<void> {
  await writeFile(file, JSON.stringify({ ...labLines[1]!, number, ...policy }))
  const { id } = JSON.parse(await line('draft', 'new', number, '--file', file)) as { id: string }
  await line('publish', id, '--revision', '1', ...at)
}

t.test(
  'a draft that is published leaves a running call on its version; the next call has the new one',
  async t => {
    const running = await dialIntoQuestion(site, '340')
    await publish('340', { mode: 'notice', disclosure: 'disclosure-notice' })
    await running.caller.press('1')
    await running.waitForEvent('recording.part-started')
    const first = await running.finish()
    t.match(firstEvent(first, 'call.started'), { policy: 1, mode: 'key' })
    t.equal(first.decision, 'granted', 'the yes counts on the line as it was')

    const next = await dialIntoDisclosure(site, '340')
    const second = await next.finish()
    t.match(firstEvent(second, 'call.started'), { policy: 2, mode: 'notice' })
  },
)

t.test('the service publishes a draft at its time while it serves calls', async t => {
  const at = new Date(Date.now() + 30_000)
  await publish('341', { mode: 'none' }, '--at', at.toISOString())
  const before = await (await dialAndGrant(site, '341')).finish()
  const startedAt = Date.parse(before.startedAt)
  t.match(firstEvent(before, 'call.started'), startedAt < at.getTime() ? { policy: 1 } : { mode: String })
  await until(async () => {
    const rows = await site.db
      .selectFrom('line')
      .select(['version', 'created_at'])
      .where('number', '=', '341')
      .where('active', '=', true)
      .execute()
    if (rows[0]?.version !== 2) return false
    t.ok(rows[0].created_at >= at, 'not before its time')
    return true
  })
})

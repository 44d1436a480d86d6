// Real: the replay, the queue and the encoding. Fake: the spool, which is a list.
import t from 'tap'
import { newCallId } from '../../../src/core/ids.js'
import type { EventSpool } from '../../../src/core/ports.js'
import { CatchUp } from '../../../src/journal/write/catch-up.js'
import { encodeEvent } from '../../../src/journal/write/encode-event.js'
import { zeroCounts } from '../../../src/journal/write/journal-counts.js'
import { Queue } from '../../../src/journal/write/queue.js'
import { Spooler } from '../../../src/journal/write/spooler.js'
import { asked } from '../../support/data/call-events.js'
import { silent } from '../../support/processes/database.js'

function listSpool(rows: string[], damaged: number) {
  let [at, destroyed] = [0, 0]
  const spool: EventSpool = {
    get unread() {
      return rows.length - at
    },
    append: async more => void rows.push(...more),
    async next(max) {
      const given = rows.slice(at, at + max)
      at += given.length
      return { rows: given, damaged: at === rows.length && given.length > 0 ? damaged : 0 }
    },
    destroy: async () => void destroyed++,
    close: async () => undefined,
  }
  return { spool, destroyed: () => destroyed }
}

/** All events to write, as JSON, in order. */
async function rowsOf(catchUp: CatchUp): Promise<string[]> {
  const rows: string[] = []
  while (await catchUp.fillBatch(2)) rows.push(...catchUp.batch.take(1).flatMap(entry => entry.rows))
  return rows
}

const call = newCallId()
const given = [1, 2, 3, 4, 5].map(n => encodeEvent(asked(call, n)))

function start(rows: string[], damaged = 0) {
  const counts = zeroCounts()
  const { spool, destroyed } = listSpool([...rows], damaged)
  return {
    counts,
    destroyed,
    catchUp: new CatchUp(spool, new Spooler(new Queue(), spool, counts, silent), counts),
  }
}

t.test(
  'the last event counts the events, damaged ones and dropped ones, and has the same id in a second replay',
  async t => {
    const { counts, catchUp, destroyed } = start(given, 2)
    counts.dropped = 7
    const rows = await rowsOf(catchUp)
    t.strictSame(rows.slice(0, -1), given)
    const last = JSON.parse(rows.at(-1)!)
    t.match(last, { type: 'journal.caught-up', call_id: null, data: { events: 5, damaged: 2, dropped: 7 } })
    t.equal(destroyed(), 0)
    await catchUp.destroySpool()
    t.equal(destroyed(), 1)
    t.equal(JSON.parse((await rowsOf(start(given).catchUp)).at(-1)!).uuid, last.uuid)
    t.not(JSON.parse((await rowsOf(start(given.slice(0, 3)).catchUp)).at(-1)!).uuid, last.uuid)
  },
)

t.test('an outage is reported if it lost events, and not if it had none', async t => {
  const { counts, catchUp } = start([])
  t.strictSame(await rowsOf(catchUp), [])
  await catchUp.destroySpool()
  counts.dropped = 3
  const [row, ...others] = await rowsOf(catchUp)
  t.match(JSON.parse(row!), { data: { events: 0, damaged: 0, dropped: 3 } })
  t.strictSame(others, [])
  await catchUp.destroySpool()
  t.strictSame(await rowsOf(catchUp), [], 'an outage is reported once')
})

t.test('the replay ends although events keep arriving, and leaves these to the queue in order', async t => {
  const counts = zeroCounts()
  const { spool } = listSpool([...given], 0)
  const queue = new Queue()
  const spooler = new Spooler(queue, spool, counts, silent)
  spooler.start()
  const catchUp = new CatchUp(spool, spooler, counts)
  const attempts = (rows: string[]) => rows.flatMap(row => JSON.parse(row).data.attempt ?? [])
  const rows: string[] = []
  let next = 6
  while ((await catchUp.fillBatch(3)) && next < 1_000) {
    const row = encodeEvent(asked(call, next++))
    const [types, settle] = [['consent.asked'] as const, () => undefined]
    queue.push({ rows: [row], types, calls: [], awaited: false, sent: false, abandoned: false, settle })
    spooler.wake()
    await new Promise(resolve => setImmediate(resolve))
    rows.push(...catchUp.batch.take(3).flatMap(entry => entry.rows))
  }
  t.ok(next > 6 && next < 1_000, `${next - 6} events came meanwhile`)
  const waiting = queue.take(1_000).flatMap(entry => entry.rows)
  t.strictSame(
    attempts([...rows, ...waiting]),
    Array.from({ length: next - 1 }, (_, i) => i + 1),
  )
})

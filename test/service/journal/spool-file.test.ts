// Real: the disk and its limits. Fake: none.
import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { appendFile, open as openFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t, { type Test } from 'tap'
import { newCallId } from '../../../src/core/ids.js'
import { Spool } from '../../../src/journal/spool/spool.js'
import { encodeEvent } from '../../../src/journal/write/encode-event.js'
import { asked, started } from '../../support/data/call-events.js'
import { scratch, silent } from '../../support/processes/database.js'

const spoolChild = join(import.meta.dirname, '../../support/processes/spool-child.js')
const call = newCallId()
const rows = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => encodeEvent(asked(call, from + i)))
const numbers = (read: string[]) =>
  read.map(row => (JSON.parse(row) as { data: { attempt: number } }).data.attempt)
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

interface Place {
  dir: string
  events: string
  key: string
  open(): Promise<Spool>
}

/** A spool's folder, and a function that opens spools in it. All are closed when the test ends. */
async function place(t: Test): Promise<Place> {
  const dir = join(await scratch(t), 'spool')
  return {
    dir,
    events: join(dir, 'events'),
    key: join(dir, 'key'),
    async open() {
      const spool = await Spool.open(dir, silent)
      t.teardown(() => spool.close())
      return spool
    },
  }
}

const mode = (path: string) => statSync(path).mode & 0o777

t.test(
  'the file is created with the first event, gives all events in order, and leaves nothing behind',
  async t => {
    const { dir, events, key, open } = await place(t)
    const spool = await open()
    t.equal(mode(dir), 0o700)
    t.notOk(existsSync(events) || existsSync(key))
    await spool.append(rows(0, 3))
    t.equal(mode(events), 0o600)
    t.equal(mode(key), 0o600)
    await spool.append(rows(3, 5))
    t.equal(spool.unread, 5)
    t.strictSame(numbers((await spool.next(4)).rows), [0, 1, 2, 3])
    t.equal(spool.unread, 1)
    await spool.append(rows(5, 6))
    t.strictSame(numbers((await spool.next(100)).rows), [4, 5])
    t.strictSame(await spool.next(100), { rows: [], damaged: 0 })
    const secret = readFileSync(key)
    await spool.destroy()
    t.notOk(existsSync(events) || existsSync(key))
    await spool.append(rows(6, 7))
    t.notSame(readFileSync(key), secret, 'the next one has another key')
    t.strictSame(numbers((await spool.next(100)).rows), [6])
  },
)

t.test('the key is overwritten before its file is removed', async t => {
  const { key, open } = await place(t)
  const spool = await open()
  await spool.append(rows(0, 1))
  const secret = readFileSync(key)
  const file = await openFile(key, 'r')
  await spool.destroy()
  const left = await file.readFile()
  await file.close()
  t.equal(left.length, secret.length)
  t.notSame(left, secret)
  t.notOk(existsSync(key))
})

t.test('a successor reads the remaining events in order', async t => {
  const { open } = await place(t)
  const first = await open()
  const personal = encodeEvent(started(call, '+79001234567'))
  await first.append([personal, ...rows(0, 2_000)])
  await first.next(700)
  await first.close()
  const second = await open()
  t.equal(
    second.unread,
    2_001,
    'events that the first spool gave are unread again, because they may not be in the journal',
  )
  const read: string[] = []
  for (let next = await second.next(500); next.rows.length > 0; next = await second.next(500))
    read.push(...next.rows)
  t.strictSame(JSON.parse(read[0]!), JSON.parse(personal))
  t.strictSame(numbers(read.slice(1)), range(0, 2_000))
})

t.test('an incomplete end is dropped, and the file can be appended to', async t => {
  const { events, open } = await place(t)
  const first = await open()
  await first.append(rows(0, 2))
  await first.close()
  const whole = readFileSync(events)
  const second = whole.indexOf('\n', 20) + 1
  for (let cut = second; cut < whole.length - 1; cut += 7) {
    writeFileSync(events, whole.subarray(0, cut))
    const spool = await open()
    t.equal(spool.unread, 1)
    await spool.append(rows(2, 4))
    const { rows: read, damaged } = await spool.next(100)
    t.strictSame([numbers(read), damaged], [[0, 2, 3], 0])
    await spool.close()
  }
})

t.test('a file that was cut off before its first event counts as absent', async t => {
  const { events, key, open } = await place(t)
  const first = await open()
  await first.append(rows(0, 1))
  await first.close()
  for (const length of [40, 18, 5, 0]) {
    truncateSync(events, length)
    const spool = await open()
    t.equal(spool.unread, 0)
    t.notOk(existsSync(events) || existsSync(key))
    await spool.append(rows(0, 1))
    await spool.close()
  }
  await rm(events)
  await open()
  t.notOk(existsSync(key), 'a key without events is removed')
})

t.test('damaged records are reported and damage no others', async t => {
  const { events, open } = await place(t)
  const first = await open()
  await first.append(rows(0, 20))
  await first.close()
  const bytes = readFileSync(events)
  const starts = [...bytes.toString('latin1').matchAll(/\n/g)].map(({ index }) => index + 1)
  bytes[starts[3]! + 2]! ^= 0x04
  bytes[starts[7]! + 40]! ^= 0x80
  bytes[starts[11]! - 1]! ^= 0x01
  randomBytes(starts[16]! - starts[14]! - 1).copy(bytes, starts[14])
  writeFileSync(events, bytes)
  const spool = await open()
  t.equal(spool.unread, 16)
  const { rows: read, damaged } = await spool.next(100)
  t.strictSame(
    numbers(read),
    range(0, 20).filter(n => ![3, 7, 14, 15].includes(n)),
    'a damaged line end costs nothing',
  )
  t.ok(damaged >= 3)
  t.equal(spool.unread, 0)
})

t.test('records that are damaged while the service runs are not waited for', async t => {
  const { events, open } = await place(t)
  const spool = await open()
  await spool.append(rows(0, 3))
  const bytes = readFileSync(events)
  bytes[bytes.length - 10]! ^= 1
  writeFileSync(events, bytes)
  t.strictSame(numbers((await spool.next(100)).rows), [0, 1])
  t.equal(spool.unread, 0)
})

t.test('half a record on a full disk is truncated, and the file can be appended to', async t => {
  const { dir, events, key, open } = await place(t)
  // In a process of its own, and without what tap loads into those: that takes the signal of this limit for the end.
  const child = spawn('env', ['-i', process.execPath, spoolChild, dir], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  t.teardown(() => child.kill())
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const append = async (from: number, to: number) => {
    child.stdin.write(`${from} ${to}\n`)
    return String((await answers.next()).value)
  }
  const limit = (bytes: number | 'unlimited') =>
    execFileSync('prlimit', ['--pid', String(child.pid), `--fsize=${bytes}:`])
  limit(10)
  t.match(await append(0, 10), /^store.unwritable .*EFBIG/)
  t.notOk(existsSync(events) || existsSync(key), 'without room for a key nothing is begun')
  limit(100)
  t.match(await append(0, 10), /^store.unwritable .*EFBIG/)
  limit('unlimited')
  t.equal(await append(0, 10), 'ok')
  const { size } = statSync(events)
  limit(size + 100)
  for (let i = 0; i < 3; i++) {
    t.match(await append(10, 1_000), /^store.unwritable .*EFBIG/)
    t.equal(statSync(events).size, size, 'nothing of it is left')
  }
  limit('unlimited')
  t.equal(await append(10, 30), 'ok')
  child.stdin.end()
  await once(child, 'exit')
  const spool = await open()
  t.strictSame(await spool.next(100).then(({ rows, damaged }) => [numbers(rows), damaged]), [range(0, 30), 0])
})

t.test('without the key the events remain, later ones get a new key, and the loss is logged', async t => {
  const { key, open } = await place(t)
  const first = await open()
  await first.append([encodeEvent(started(call)), ...rows(0, 2)])
  await first.close()
  await rm(key)
  const second = await open()
  const later = encodeEvent(started(newCallId()))
  await second.append([later])
  const { rows: read } = await second.next(100)
  t.match(JSON.parse(read[0]!), { type: 'call.started', personal_hash: String, personal: undefined })
  t.strictSame(numbers(read.slice(1, 3)), [0, 1])
  t.strictSame(JSON.parse(read[3]!), JSON.parse(later))
})

t.test('a spool of a later version is not changed', async t => {
  const { events, open } = await place(t)
  await (await open()).close()
  writeFileSync(events, 'consentry spool 2\n')
  await appendFile(events, 'whatever it is')
  await t.rejects(open(), { code: 'config.invalid' })
  t.equal(readFileSync(events, 'utf8'), 'consentry spool 2\nwhatever it is')
})

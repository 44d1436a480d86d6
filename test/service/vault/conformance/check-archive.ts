import { randomBytes } from 'node:crypto'
import { isAbsolute } from 'node:path'
import t from 'tap'
import { newPartId } from '../../../../src/core/ids.js'
import { inParallel } from '../../../../src/lib/lane.js'
import { createPartSealer } from '../../../../src/vault/crypto/part-sealer.js'
import { objectName } from '../../../../src/vault/store/object-name.js'
import { block, keyPair, partInfo, STARTED } from '../../../unit/vault/fixture.js'
import { NO_NAMES } from './check-append-store.js'
import { all, outcome } from './outcome.js'
import { type ArchiveHome, PURPOSES, type Subject } from './subjects.js'

const { recipients } = keyPair()
const newName = (purpose: string = 'service') => objectName(purpose, STARTED, newPartId())

/** The chunks of a container, and its bytes. */
function container(samples = 8_000) {
  const sealer = createPartSealer(partInfo(), recipients)
  const chunks = [sealer.begin(STARTED), ...sealer.seal(block('caller', 0, randomBytes(samples)))]
  return { chunks, bytes: Buffer.concat(chunks.flatMap(({ pieces }) => pieces)) }
}

/** Checks what `Archive` promises. */
export function checkArchive({ title, unplaced, begin }: Subject<ArchiveHome>): void {
  t.test(`${title}: ranges of an object are read, shorter only at its end`, async t => {
    const home = await begin(t)
    const { chunks, bytes } = container()
    const name = newName()
    await home.fill(name, chunks)
    const source = await (await home.open()).open(name)
    t.equal(source.size, bytes.length)
    t.ok((await source.read(0, source.size)).equals(bytes))
    t.ok((await source.read(1000, 5000)).equals(bytes.subarray(1000, 6000)))
    t.ok((await source.read(source.size - 10, 100)).equals(bytes.subarray(-10)), 'short at the end')
    t.equal((await source.read(source.size + 5, 10)).length, 0)
    const ranges = await Promise.all([0, 300, 600].map(offset => source.read(offset, 300)))
    t.ok(Buffer.concat(ranges).equals(bytes.subarray(0, 900)), 'several at once')
    await source.sync()
    await source.close()
  })

  t.test(`${title}: every object is listed once, with its size and time`, async t => {
    const home = await begin(t)
    const archive = await home.open()
    t.strictSame(await all(archive.list()), [], 'none at first')
    const { chunks, bytes } = container(100)
    // Folders of more than 32 entries were once listed in part.
    const names = Array.from({ length: 100 }, (_, i) => newName(PURPOSES[i % 2]))
    await inParallel(names, 8, name => home.fill(name, chunks))
    const listed = await all(archive.list())
    t.strictSame(listed.map(({ name }) => name).sort(), names.sort())
    t.ok(listed.every(({ size }) => size === bytes.length))
    t.ok(listed.every(({ modifiedAt }) => Math.abs(modifiedAt - Date.now()) < 600_000))
    t.strictSame(await all(archive.misplaced()), [])
    t.equal(new Set(names.map(name => archive.locate(name))).size, names.length)
    t.ok(isAbsolute(archive.locate(names[0]!)))
  })

  t.test(`${title}: a missing object is told from one that exists`, async t => {
    const home = await begin(t)
    const archive = await home.open()
    const [present, missing] = [newName(), newName()]
    await home.fill(present, container().chunks)
    t.strictSame([await archive.has(present), await archive.has(missing)], [true, false])
    t.equal(archive.location, (await home.open()).location, 'parts are found again after a restart')
    t.equal(await outcome(() => archive.open(missing)), 'not-found')
    for (const purpose of PURPOSES) t.equal(await outcome(() => archive.checkMounted(purpose)), 'done')
  })

  t.test(`${title}: an object is removed for every process, and removing can be repeated`, async t => {
    const home = await begin(t)
    const archive = await home.open()
    const [removed, kept] = [newName(), newName('marketing')]
    for (const name of [removed, kept]) await home.fill(name, container().chunks)
    await archive.remove(removed)
    await archive.remove(removed)
    await archive.remove(newName())
    for (const one of [archive, await home.open()]) {
      t.notOk(await one.has(removed))
      t.equal(await outcome(() => one.open(removed)), 'not-found')
      t.strictSame(
        (await all(one.list())).map(({ name }) => name),
        [kept],
      )
    }
  })

  t.test(`${title}: many objects are removed together, and absent ones are no fault`, async t => {
    const home = await begin(t)
    const archive = await home.open()
    const names = Array.from({ length: 40 }, (_, i) => newName(PURPOSES[i % 2]))
    const { chunks } = container(100)
    await inParallel(names, 8, name => home.fill(name, chunks))
    const [kept, ...removed] = names as [string, ...string[]]
    t.strictSame(await archive.removeAll([...removed, newName(), newName('marketing')]), new Map())
    t.strictSame(
      (await all(archive.list())).map(({ name }) => name),
      [kept],
    )
    t.strictSame(await archive.removeAll(removed), new Map(), 'a second time')
    t.strictSame(await archive.removeAll([]), new Map())
  })

  t.test(`${title}: no name leads out of it`, async t => {
    const archive = await (await begin(t)).open()
    for (const name of NO_NAMES) {
      t.equal(await outcome(() => archive.open(name)), 'container.invalid', `open ${name}`)
      t.equal(await outcome(() => archive.has(name)), 'container.invalid', `has ${name}`)
      t.equal(await outcome(() => archive.remove(name)), 'container.invalid', `remove ${name}`)
      t.equal(await outcome(() => archive.removeAll([name])), 'container.invalid', `removeAll ${name}`)
      t.throws(() => archive.locate(name), { code: 'container.invalid' })
    }
  })

  if (unplaced)
    t.test(
      `${title}: an object of a purpose without a location is never called missing or removed`,
      async t => {
        const home = await begin(t)
        const archive = await home.open()
        const [placed, strange] = [newName(), newName(unplaced)]
        await home.fill(placed, container().chunks)
        t.equal(await outcome(() => archive.has(strange)), 'config.invalid')
        t.equal(await outcome(() => archive.remove(strange)), 'config.invalid')
        t.equal(await outcome(() => archive.checkMounted(unplaced)), 'config.invalid')
        await t.rejects(archive.open(strange), { code: 'not-found', message: new RegExp(`"${unplaced}"`) })
        t.equal(archive.locate(strange), strange, 'listings go on')
        const faults = await archive.removeAll([placed, strange])
        t.strictSame(
          [...faults].map(([name, { code }]) => [name, code]),
          [[strange, 'config.invalid']],
        )
        t.notOk(await archive.has(placed))
      },
    )

  t.test(`${title}: it does not count as empty while it cannot be reached`, async t => {
    const home = await begin(t)
    const archive = await home.open()
    const name = newName()
    await home.fill(name, container().chunks)
    for (const { title, message, begin, end } of home.outages) {
      await begin()
      const fault = (await archive.removeAll([name])).get(name)
      t.equal(fault?.code, 'store.unwritable', `removeAll while ${title}`)
      t.match(fault?.message, message)
      const attempts = {
        remove: () => archive.remove(name),
        open: () => archive.open(name),
        has: () => archive.has(name),
        checkMounted: () => archive.checkMounted('service'),
        list: () => all(archive.list()),
        'open again': () => home.open(),
      }
      for (const [what, work] of Object.entries(attempts))
        t.equal(await outcome(work), 'store.unwritable', `${what} while ${title}`)
      await end()
      t.ok(await archive.has(name), 'the object is still there')
    }
    t.equal(await outcome(() => archive.remove(name)), 'done')
    t.equal(await outcome(() => archive.open(name)), 'not-found', 'now it is missing')
    t.notOk(await archive.has(name))
  })
}

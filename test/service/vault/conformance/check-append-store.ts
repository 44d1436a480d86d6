import { randomBytes } from 'node:crypto'
import t from 'tap'
import { newPartId } from '../../../../src/core/ids.js'
import { createPartSealer } from '../../../../src/vault/crypto/part-sealer.js'
import { objectName } from '../../../../src/vault/store/object-name.js'
import { block, keyPair, partInfo, STARTED } from '../../../unit/vault/fixture.js'
import { outcome } from './outcome.js'
import { type AppendStoreHome, PURPOSES, type Subject } from './subjects.js'

const { recipients } = keyPair()
const newName = (purpose = 'service') => objectName(purpose, STARTED, newPartId())
const someChunks = () => [createPartSealer(partInfo(), recipients).begin(STARTED)]

/** Names that lead out of a store, or that no object has. */
export const NO_NAMES = [
  `../2026/01/15/${newPartId()}.ctry`,
  '/etc/passwd',
  '../../etc/passwd',
  '',
  `service/2026/01/15/../${newPartId()}.ctry`,
  `service/2026/01/15/${newPartId()}`,
]

/** Checks what `AppendStore` promises. */
export function checkAppendStore({ title, unplaced, begin }: Subject<AppendStoreHome>): void {
  t.test(`${title}: chunks whose append has resolved are stored, in order`, async t => {
    const home = await begin(t)
    const store = await home.open()
    for (const purpose of PURPOSES) {
      const name = newName(purpose)
      const writer = await store.create(name)
      t.equal((await home.contentOf(name))?.length, 0, 'it exists before its first chunk')
      const sealer = createPartSealer(partInfo(), recipients)
      const first = [sealer.begin(STARTED), ...sealer.seal(block('caller', 0, randomBytes(32_768)))]
      await writer.append(first)
      t.ok((await home.contentOf(name))?.equals(Buffer.concat(first.flatMap(({ pieces }) => pieces))))

      const appended = [...first]
      const waits: Promise<void>[] = []
      for (let i = 0; i < 50; i++) {
        const chunks = sealer.seal(block('agent', i * 4000, randomBytes(4000)))
        appended.push(...chunks)
        waits.push(writer.append(chunks))
        // Some writes begin while others are running.
        if (i % 10 === 0) await new Promise(resolve => setTimeout(resolve, 45))
      }
      await Promise.all(waits)
      const rest = sealer.finish()
      appended.push(...rest)
      void writer.append(rest)
      await writer.close()
      const expected = Buffer.concat(appended.flatMap(({ pieces }) => pieces))
      t.ok((await home.contentOf(name))?.equals(expected), 'closing waits for what was appended')
      t.equal(
        await outcome(() => writer.append(rest)),
        'store.unwritable',
        'nothing is appended after closing',
      )
      await writer.close()
    }
  })

  t.test(`${title}: a used name is refused, and its object stays`, async t => {
    const home = await begin(t)
    const store = await home.open()
    const name = newName()
    const writer = await store.create(name)
    await writer.append(someChunks())
    const before = await home.contentOf(name)
    for (const second of [store, await home.open()])
      t.equal(await outcome(() => second.create(name)), 'store.unwritable')
    await writer.close()
    t.equal(await outcome(() => store.create(name)), 'store.unwritable')
    t.strictSame(await home.contentOf(name), before)
  })

  t.test(
    `${title}: an object is removed, also while it is written, and removing can be repeated`,
    async t => {
      const home = await begin(t)
      const store = await home.open()
      const [removed, kept] = [newName(), newName()]
      const writers = [await store.create(removed), await store.create(kept)]
      for (const writer of writers) await writer.append(someChunks())
      await store.remove(removed)
      await store.remove(removed)
      await store.remove(newName('marketing'))
      t.equal(await home.contentOf(removed), undefined)
      t.ok((await home.contentOf(kept))!.length > 0)
      for (const writer of writers) await writer.close()
    },
  )

  t.test(`${title}: no name leads out of it`, async t => {
    const store = await (await begin(t)).open()
    for (const name of NO_NAMES) {
      t.equal(await outcome(() => store.create(name)), 'container.invalid', `create ${name}`)
      t.equal(await outcome(() => store.remove(name)), 'container.invalid', `remove ${name}`)
    }
  })

  t.test(`${title}: it takes recordings of its purposes, and tells its room if it knows it`, async t => {
    const store = await (await begin(t)).open()
    for (const purpose of PURPOSES) {
      t.ok(store.accepts(purpose))
      t.equal(await outcome(() => store.checkWritable(purpose)), 'done')
      const room = await store.freeSpace(purpose)
      t.ok(room === undefined || (room.free > 0 && room.free <= room.size))
    }
  })

  if (unplaced)
    t.test(`${title}: a purpose without a location is refused`, async t => {
      const store = await (await begin(t)).open()
      const name = newName(unplaced)
      t.notOk(store.accepts(unplaced))
      t.equal(await outcome(() => store.create(name)), 'config.invalid')
      t.equal(await outcome(() => store.remove(name)), 'config.invalid')
      t.equal(await outcome(() => store.checkWritable(unplaced)), 'config.invalid')
      t.equal(await store.freeSpace(unplaced), undefined)
    })

  t.test(`${title}: nothing is written, or called removed, while it cannot be reached`, async t => {
    const home = await begin(t)
    const store = await home.open()
    const name = newName()
    await (await store.create(name)).close()
    for (const { title, begin, end } of home.outages) {
      await begin()
      const attempts = {
        create: () => store.create(newName()),
        remove: () => store.remove(name),
        checkWritable: () => store.checkWritable('service'),
        'open again': () => home.open(),
      }
      for (const [what, work] of Object.entries(attempts))
        t.equal(await outcome(work), 'store.unwritable', `${what} while ${title}`)
      await end()
      t.equal(await outcome(() => store.checkWritable('service')), 'done')
      t.equal((await home.contentOf(name))?.length, 0, 'the object is still there')
    }
    t.equal(await outcome(() => store.remove(name)), 'done')
  })
}

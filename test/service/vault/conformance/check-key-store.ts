import t from 'tap'
import { newPartId, type PartId } from '../../../../src/core/ids.js'
import { inParallel } from '../../../../src/lib/lane.js'
import type { KeyRef } from '../../../../src/vault/keys/key-store.js'
import { all, outcome } from './outcome.js'
import { type KeyStoreHome, PURPOSES, type Subject } from './subjects.js'

const wrapped = Buffer.alloc(218, 'k')
const other = Buffer.alloc(300, 'o')
const refOf = (change: Partial<KeyRef> = {}): KeyRef => ({
  purpose: 'service',
  due: '2026-02-14',
  part: newPartId(),
  ...change,
})

/** References that lead out of a key store, or that no key has. */
const NO_REFS: Partial<KeyRef>[] = [
  { due: '../../x' },
  { due: '2026-13-01' },
  { part: '../../../outside' as PartId },
  { part: '..' as PartId },
]

/** Checks what `KeyStore` promises. */
export function checkKeyStore({ title, unplaced, begin }: Subject<KeyStoreHome>): void {
  t.test(`${title}: a key is kept for every process, and found by its part`, async t => {
    const home = await begin(t)
    const keys = await home.open()
    for (const purpose of PURPOSES) {
      const ref = refOf({ purpose })
      t.strictSame(await keys.existingPaths(ref), [])
      await keys.put(ref, wrapped)
      for (const one of [keys, await home.open()]) {
        t.ok((await one.get(ref)).equals(wrapped))
        t.strictSame(await one.find(ref.part), ref)
        t.strictSame(await one.existingPaths(ref), one.locate(ref))
        t.ok(one.locate(ref).length > 0)
      }
    }
    t.equal(await keys.find(newPartId()), undefined)
    t.equal(await outcome(() => keys.get(refOf())), 'not-found')
  })

  t.test(`${title}: a part has one key: a second one is refused and the first stays`, async t => {
    const home = await begin(t)
    const keys = await home.open()
    const ref = refOf()
    await keys.put(ref, wrapped)
    for (const one of [keys, await home.open()])
      t.equal(await outcome(() => one.put(ref, other)), 'store.unwritable')
    t.ok((await keys.get(ref)).equals(wrapped))
  })

  t.test(`${title}: every key is listed once, with its time`, async t => {
    const keys = await (await begin(t)).open()
    t.strictSame(await all(keys.list()), [], 'none at first')
    const refs = Array.from({ length: 40 }, (_, i) =>
      refOf({ purpose: PURPOSES[i % 2]!, due: `2026-02-${10 + (i % 3)}` }),
    )
    await inParallel(refs, 8, ref => keys.put(ref, wrapped))
    const listed = await all(keys.list())
    const named = ({ purpose, due, part }: KeyRef) => `${purpose} ${due} ${part}`
    t.strictSame(listed.map(named).sort(), refs.map(named).sort())
    t.ok(listed.every(({ modifiedAt }) => Math.abs(modifiedAt - Date.now()) < 600_000))
    t.strictSame(await all(keys.misplaced()), [])
  })

  t.test(`${title}: a key is destroyed for every process, and destroying can be repeated`, async t => {
    const home = await begin(t)
    const keys = await home.open()
    const [ref, kept] = [refOf(), refOf({ purpose: 'marketing' })]
    for (const one of [ref, kept]) await keys.put(one, wrapped)
    await keys.destroy(ref)
    await keys.destroy(ref)
    await keys.destroy(refOf())
    for (const one of [keys, await home.open()]) {
      t.equal(await outcome(() => one.get(ref)), 'not-found')
      t.equal(await one.find(ref.part), undefined)
      t.strictSame(await one.existingPaths(ref), [])
      t.strictSame(
        (await all(one.list())).map(({ part }) => part),
        [kept.part],
      )
    }
  })

  t.test(`${title}: many keys are destroyed together, and those that were absent are named`, async t => {
    const keys = await (await begin(t)).open()
    const refs = Array.from({ length: 40 }, (_, i) => refOf({ purpose: PURPOSES[i % 2]! }))
    await inParallel(refs, 8, ref => keys.put(ref, wrapped))
    const [kept, ...destroyed] = refs as [KeyRef, ...KeyRef[]]
    const gone = refOf()
    t.strictSame(await keys.destroyAll([...destroyed, gone]), { absent: [gone], failed: new Map() })
    t.strictSame(
      (await all(keys.list())).map(({ part }) => part),
      [kept.part],
    )
    const { absent, failed } = await keys.destroyAll(destroyed)
    t.strictSame(new Set(absent), new Set(destroyed), 'a second time')
    t.equal(failed.size, 0)
  })

  t.test(`${title}: a key is replaced on every copy, or left as it is`, async t => {
    const keys = await (await begin(t)).open()
    const ref = refOf()
    await keys.put(ref, wrapped)
    const copies = keys.locate(ref).length
    t.equal(await keys.reseal(ref, () => undefined), 0)
    t.ok((await keys.get(ref)).equals(wrapped))
    const seen: Buffer[] = []
    const change = (before: Buffer) => {
      seen.push(before)
      return other
    }
    t.equal(await keys.reseal(ref, change), copies)
    t.ok(seen.every(before => before.equals(wrapped)))
    t.ok((await keys.get(ref)).equals(other))
    t.equal(await keys.reseal(refOf(), () => other), 0, 'a missing key is not made')
    const refuse = () => {
      throw new Error('does not open')
    }
    t.not(await outcome(() => keys.reseal(ref, refuse)), 'done')
    t.ok((await keys.get(ref)).equals(other))
    t.equal((await all(keys.list())).length, 1)
  })

  t.test(`${title}: a key that is destroyed during its replacement stays destroyed`, async t => {
    const keys = await (await begin(t)).open()
    for (let i = 0; i < 20; i++) {
      const ref = refOf()
      await keys.put(ref, wrapped)
      let destroying: Promise<void> | undefined
      const change = () => {
        destroying ??= keys.destroy(ref)
        return other
      }
      await keys.reseal(ref, change)
      await destroying
      t.strictSame(await keys.existingPaths(ref), [])
    }
    t.strictSame(await all(keys.list()), [])
  })

  t.test(`${title}: no reference leads out of it`, async t => {
    const keys = await (await begin(t)).open()
    const strange = unplaced ? [] : [{ purpose: '..' }, { purpose: 'a/b' }, { purpose: '' }]
    for (const change of [...NO_REFS, ...strange]) {
      const ref = refOf(change)
      t.equal(await outcome(() => keys.put(ref, wrapped)), 'key.refused', `put ${JSON.stringify(change)}`)
      t.equal(await outcome(() => keys.get(ref)), 'key.refused')
      t.equal(await outcome(() => keys.destroy(ref)), 'key.refused')
      t.equal(await outcome(() => keys.reseal(ref, () => other)), 'key.refused')
      t.throws(() => keys.locate(ref), { code: 'key.refused' })
    }
  })

  t.test(`${title}: it takes keys of its purposes, and the check leaves nothing`, async t => {
    const keys = await (await begin(t)).open()
    for (const purpose of PURPOSES) {
      t.ok(keys.accepts(purpose))
      t.equal(await outcome(() => keys.checkWritable(purpose)), 'done')
    }
    t.strictSame(await all(keys.list()), [])
  })

  if (unplaced)
    t.test(
      `${title}: a key of a purpose without a location is never called missing or destroyed`,
      async t => {
        const keys = await (await begin(t)).open()
        const [placed, strange] = [refOf(), refOf({ purpose: unplaced })]
        await keys.put(placed, wrapped)
        t.notOk(keys.accepts(unplaced))
        const attempts = {
          put: () => keys.put(strange, wrapped),
          destroy: () => keys.destroy(strange),
          reseal: () => keys.reseal(strange, () => other),
          existingPaths: () => keys.existingPaths(strange),
          checkWritable: () => keys.checkWritable(unplaced),
        }
        for (const [what, work] of Object.entries(attempts))
          t.equal(await outcome(work), 'config.invalid', what)
        t.throws(() => keys.locate(strange), { code: 'config.invalid' })
        await t.rejects(keys.get(strange), { code: 'not-found', message: new RegExp(`"${unplaced}"`) })
        const { absent, failed } = await keys.destroyAll([placed, strange])
        t.strictSame(
          [absent, [...failed].map(([ref, { code }]) => [ref, code])],
          [[], [[strange, 'config.invalid']]],
        )
        t.equal(await outcome(() => keys.get(placed)), 'not-found')
      },
    )

  t.test(`${title}: it does not count as empty while it cannot be reached`, async t => {
    const home = await begin(t)
    const keys = await home.open()
    for (const { title, message, begin, end } of home.outages) {
      const ref = refOf()
      await keys.put(ref, wrapped)
      await begin()
      const { absent, failed } = await keys.destroyAll([ref])
      t.strictSame(
        [absent, failed.get(ref)?.code],
        [[], 'store.unwritable'],
        `nothing is destroyed while ${title}`,
      )
      t.match(failed.get(ref)?.message, message)
      const stranger = refOf()
      const attempts = {
        put: () => keys.put(stranger, wrapped),
        find: () => keys.find(stranger.part),
        get: () => keys.get(stranger),
        list: () => all(keys.list()),
        destroy: () => keys.destroy(ref),
        reseal: () => keys.reseal(ref, () => other),
        checkWritable: () => keys.checkWritable('service'),
        'open again': () => home.open(),
      }
      for (const [what, work] of Object.entries(attempts))
        t.equal(await outcome(work), 'store.unwritable', `${what} while ${title}`)
      await end()
      t.equal((await keys.existingPaths(ref)).length, 1, 'the copy that could not be reached is there')
      t.equal(await outcome(() => keys.destroy(ref)), 'done')
      t.strictSame(await keys.existingPaths(ref), [])
      t.strictSame(await all(keys.list()), [])
      t.equal(await outcome(() => home.open()), 'done')
    }
  })
}

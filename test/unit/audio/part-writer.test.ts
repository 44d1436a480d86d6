// Real: the part's writer, sealing. Fake: the clock, the store and the key store, which note what they are told.
import t, { type Test } from 'tap'
import { PartWriter } from '../../../src/audio/part-writer.js'
import { systemClock } from '../../../src/core/clock.js'
import { DISK } from '../../../src/core/part-location.js'
import { FakeClock, runPendingWork } from '../../support/fakes/fake-clock.js'
import { block, keyPair, partInfo } from '../vault/fixture.js'

t.test('the container of a part that is destroyed is closed, then removed', async t => {
  const told: string[] = []
  const tell = (what: string) => async () => void told.push(what)
  const object = { append: tell('appended'), close: tell('closed') }
  const part = await PartWriter.prepare(partInfo(), '2030-01-01', {
    journal: { append: async () => {}, note: () => {}, noteDurably: async () => {} },
    keyStore: { put: tell('key made'), destroy: tell('key destroyed') } as never,
    store: { location: DISK, create: async () => object, remove: tell('removed') } as never,
    recipients: keyPair().recipients,
    clock: systemClock,
  })
  await part.write(block('caller', 0, Buffer.alloc(800, 1)))
  await part.destroy()
  t.strictSame(told, ['key made', 'appended', 'key destroyed', 'closed', 'removed'])
})

/** Writes a first block into a store that hangs, and destroys the part after both time-outs. @param store what it does, noted in `told` */
async function destroyedWhileHung(t: Test, told: string[], store: Record<string, () => Promise<unknown>>) {
  const clock = new FakeClock()
  const part = await PartWriter.prepare(partInfo(), '2030-01-01', {
    journal: {
      append: async () => {},
      note: ({ type }) => void told.push(type),
      noteDurably: async ({ type }) => void told.push(type),
    },
    keyStore: { put: async () => {}, destroy: async () => void told.push('key destroyed') } as never,
    store: { location: DISK, remove: async () => void told.push('removed'), ...store } as never,
    recipients: keyPair().recipients,
    clock,
  })
  const writing = part.write(block('caller', 0, Buffer.alloc(800, 1)))
  const refused = t.rejects(writing, { code: 'store.unwritable' })
  await clock.advanceAndWait(20_000)
  await refused
  const destroyed = part.destroy()
  await clock.advanceAndWait(20_000)
  await destroyed
  return part
}

t.test('a part that was destroyed while its store hung does not enter the journal later', async t => {
  const told: string[] = []
  let goOn = () => {}
  const hung = new Promise<void>(resolve => {
    goOn = resolve
  })
  const object = { append: () => hung, close: () => hung }
  const part = await destroyedWhileHung(t, told, { create: async () => object })
  goOn()
  await runPendingWork()
  t.notOk(part.isInJournal)
  t.strictSame(told, ['key destroyed', 'removed'])
})

t.test('a container that a store makes after its part was destroyed is removed again', async t => {
  const told: string[] = []
  let goOn = () => {}
  const hung = new Promise<void>(resolve => {
    goOn = resolve
  })
  const tell = (what: string) => async () => void told.push(what)
  const object = { append: tell('appended'), close: tell('closed') }
  const create = async () => {
    await hung
    told.push('made')
    return object
  }
  const part = await destroyedWhileHung(t, told, { create })
  goOn()
  await runPendingWork()
  t.notOk(part.isInJournal)
  t.strictSame(told, ['key destroyed', 'removed', 'made', 'closed', 'removed'])
})

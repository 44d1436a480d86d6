// Real: the part's writer, sealing. Fake: the store and the key store, which note what they are told.
import t from 'tap'
import { PartWriter } from '../../../src/recording/part-writer.js'
import { systemClock } from '../../../src/shared/clock.js'
import { DISK } from '../../../src/shared/part-location.js'
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

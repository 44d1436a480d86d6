// Real: PostgreSQL, journal, disk, sealed recordings, the destruction. Fake: the disk's refusals to read.
import { copyFile, rename, rm } from 'node:fs/promises'
import t from 'tap'
import { AppError } from '../../../../src/core/errors.js'
import { auditStore } from '../../../../src/recordings/audit/audit-store.js'
import { destroyRecordings } from '../../../../src/recordings/destroy/destroy.js'
import { storeRecording } from '../../../support/data/stored-recording.js'
import { startArchiveSetup } from '../../../support/processes/archive-setup.js'

const home = await startArchiveSetup(t)
const { deps } = home

t.test(
  'one container that fails while it is read is a fault; a store that is away ends the audit',
  async t => {
    const [kept, back] = [await storeRecording(home), await storeRecording(home)]
    await copyFile(back.path, `${back.path}.copy`)
    await destroyRecordings(deps, { cause: 'erasure', reason: 'asked to', by: 'tester' }, [[back.recording]])
    await rename(`${back.path}.copy`, back.path)
    const failing = new AppError('store.unwritable', 'EIO')
    const opening = async (name: string) => {
      if (name === back.object) throw failing
      const source = await deps.store.open(name)
      if (name !== kept.object) return source
      return { size: source.size, read: () => Promise.reject(failing), close: () => source.close() }
    }
    const store = new Proxy(deps.store, {
      get: (target, name) => {
        if (name === 'open') return opening
        const value = Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
    const { faults } = await auditStore({ ...deps, store })
    const broken = faults.filter(({ kind }) => kind === 'object-unreadable').map(({ where }) => where)
    t.ok([kept, back].every(({ object }) => broken.includes(object)))
    t.notOk(
      faults.some(
        ({ kind, where }) => kind !== 'object-unreadable' && [kept.object, back.object].includes(where),
      ),
    )
    await rename(home.store, `${home.store}.away`)
    await t.rejects(auditStore(deps), { code: 'store.unwritable', message: /its volume is mounted/ })
    await rename(`${home.store}.away`, home.store)
    await rm(back.path)
  },
)

import type { RecordingId } from '../../../../src/core/ids.js'
import { checkRecording } from '../../../../src/recordings/audit/check-recording.js'
import { readRecordings } from '../../../../src/recordings/audit/journalled-recordings.js'
import { readHeader } from '../../../../src/vault/crypto/part-opener.js'
import { listFilesBelow, searchFiles } from '../../assertions/search-files.js'
import { codingsOf } from '../../data/marker.js'
import { storedFiles } from '../../lab/call-lab.js'
import { callerStamp } from '../callers/voice.js'
import type { FaultSite } from '../fault-site.js'
import type { JudgedCall, Violation } from './judged-call.js'

const needles = codingsOf('alaw', callerStamp)

/** No file has plain speech: neither the data folder with store, keys, database and PBX, nor the tap folder. */
export async function checkPlaintext({ lab }: FaultSite): Promise<Violation[]> {
  const files = (await Promise.all([lab.ready.data, lab.ready.tap].map(listFilesBelow))).flat()
  return (await searchFiles(files, needles)).map(what => ({ column: 'plaintext', what }))
}

/** Each container of a call opens and agrees with the journal. */
export async function checkContainers(site: FaultSite, { calls }: JudgedCall): Promise<Violation[]> {
  const ids = calls.map(({ id }) => id)
  if (ids.length === 0) return []
  const found: Violation[] = []
  for (const recording of await readRecordings(site.db, { calls: ids })) {
    for (const { kind, what, where } of (await checkRecording(site, recording)).faults) {
      const column = kind === 'consent-missing' ? 'unconsented' : 'lost'
      found.push({ column, what: `${kind}: ${what} (${where})` })
    }
  }
  return found
}

/**
 * The journal knows every container of the store. An exception is one whose service was killed while it began a part of a known
 * recording: it is swept later.
 */
export async function checkUnknownContainers(site: FaultSite): Promise<Violation[]> {
  const { db, store } = site
  const rows = await db.selectFrom('part').select('object').execute()
  const known = new Set(rows.map(({ object }) => store.locate(object)))
  const found: Violation[] = []
  for (const path of (await storedFiles(site)).containers.filter(path => !known.has(path))) {
    if (!(await isRemainder(site, path)))
      found.push({
        column: 'unconsented',
        what: `a container for which the journal has no consent: ${path}`,
      })
  }
  return found
}

async function isRemainder({ db, store }: FaultSite, path: string): Promise<boolean> {
  for await (const { name, size } of store.list()) {
    if (store.locate(name) !== path) continue
    if (size === 0) return true
    const source = await store.open(name)
    const header = await readHeader(source).finally(() => source.close())
    return isConsented(db, header.info.recording)
  }
  // It was swept during the check.
  return true
}

async function isConsented(db: FaultSite['db'], recording: RecordingId): Promise<boolean> {
  const [known] = await readRecordings(db, { recording })
  return known?.consented === true
}

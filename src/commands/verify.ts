import pc from 'picocolors'
import { type Uncovered, verifyRecordings } from '../audit/verify-recordings.js'
import { isUuid, type RecordingId } from '../shared/ids.js'
import { parseIdentities } from '../vault/crypto/keygen.js'
import { type Command, printJson, texts, UsageError } from './command.js'
import { showProgress } from './progress.js'
import { table } from './table.js'
import { uncoveredText } from './uncovered-text.js'
import { verifyFile } from './verify-file.js'
import { verifyJournal } from './verify-journal.js'
import { withProject } from './with-project.js'

export const command: Command = {
  summary: 'Verifies the journal and all recordings, one recording, or a receipt',
  details:
    'Holds the journal against its log, and every recording against the journal: its consent, its hash, its key. A receipt is held against the public key of the log. --key: that key; --anchors: a copy of checkpoints.txt; both kept elsewhere. Exits 1 if anything does not hold.',
  usage: ['[RECORDING | FILE] [--key KEY|FILE]… [--anchors FILE]…'],
  example: 'verify receipt.json --key log.pub',
  options: { key: { type: 'string', multiple: true }, anchors: { type: 'string', multiple: true } },
  async run(request) {
    const { words, json } = request
    const [only, ...more] = words
    if (more.length > 0) throw new UsageError('give one recording id, one receipt, or nothing for everything')
    if (only && !isUuid(only)) return verifyFile(request, only)
    const outside = { keys: texts(request, 'key'), anchors: texts(request, 'anchors') }
    if (only && outside.keys.length + outside.anchors.length > 0)
      throw new UsageError('--key and --anchors are for the journal or a receipt, not for one recording')
    const progress = json ? () => undefined : showProgress
    const { checked, faults, uncovered } = await withProject(async ({ config, db, store, keyStore }) => {
      const identities = config.identities && parseIdentities(config.identities.reveal())
      const deps = { db, store, keyStore, ...(identities ? { identities } : {}) }
      const log = only ? undefined : await verifyJournal(config, db, outside, progress('events'))
      const audit = await verifyRecordings(deps, only as RecordingId | undefined, progress('recordings'))
      return {
        checked: { ...audit.checked, ...log?.checked, receipts: 0 },
        faults: [...(log?.faults ?? []), ...audit.faults],
        uncovered: audit.uncovered,
      }
    })
    const ok = faults.length === 0
    if (json) printJson({ ok, checked, faults, uncovered })
    else process.stdout.write(report(checked, faults, uncovered))
    return ok ? 0 : 1
  },
}

/** Whatever does not hold. */
interface AnyFault {
  kind: string
  what: string
  where: string
}

function report(checked: Record<string, number>, faults: AnyFault[], uncovered: Uncovered[]): string {
  const counts = table(
    ['checked', 'number'],
    Object.entries(checked).map(([what, number]) => [what, String(number)]),
  )
  const note = uncoveredText(uncovered)
  if (faults.length === 0) return `${counts}${note}${pc.green('All holds.')}\n`
  const rows = faults.map(({ kind, what, where }) => [pc.red(kind), what, where])
  return `${counts}${table(['fault', 'what', 'where'], rows)}${note}${pc.red(`Faults: ${faults.length}`)}\n`
}

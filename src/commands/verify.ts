import pc from 'picocolors'
import { type AuditFault, verifyRecordings } from '../audit/verify-recordings.js'
import { isUuid, type RecordingId } from '../shared/ids.js'
import { parseIdentities } from '../vault/crypto/keygen.js'
import { type Command, printJson, UsageError } from './command.js'
import { table } from './table.js'
import { withProject } from './with-project.js'

export const command: Command = {
  words: '[RECORDING]',
  does: 'Holds one recording, or every recording, against the journal: its yes, its hash, its key. Exits 1 if anything does not hold.',
  options: {},
  async run({ words, json }) {
    const [only, ...more] = words
    if (more.length > 0 || (only && !isUuid(only)))
      throw new UsageError('give one recording id, or nothing for all of them')
    const { checked, faults } = await withProject(({ config, db, store, keyStore }) => {
      const identities = config.identities && parseIdentities(config.identities.reveal())
      const deps = { db, store, keyStore, ...(identities ? { identities } : {}) }
      return verifyRecordings(deps, only as RecordingId | undefined, json ? undefined : showProgress)
    })
    const ok = faults.length === 0
    if (json) printJson({ ok, checked: { ...checked, receipts: 0 }, faults })
    else process.stdout.write(report(checked, faults))
    return ok ? 0 : 1
  },
}

function showProgress(done: number, of: number): void {
  if (!process.stderr.isTTY) return
  process.stderr.write(`\rverifying recordings ${done}/${of}${done === of ? '\n' : ''}`)
}

function report(checked: { events: number; recordings: number }, faults: AuditFault[]): string {
  const all = `recordings: ${checked.recordings}, journal events: ${checked.events}`
  if (faults.length === 0) return `${pc.green('All holds')} (${all}).\n`
  const rows = faults.map(({ kind, what, where }) => [pc.red(kind), what, where])
  return `${table(['fault', 'what', 'where'], rows)}${pc.red(`Faults: ${faults.length}`)} (${all}).\n`
}

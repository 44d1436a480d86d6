import pc from 'picocolors'
import { isUuid, type RecordingId } from '../core/ids.js'
import { type Verdict, verifyAll, verifyRecording } from '../recordings/audit/verify.js'
import { type Command, printJson, texts, UsageError } from './command.js'
import { showProgress } from './progress.js'
import { table } from './table.js'
import { uncoveredText } from './uncovered-text.js'
import { verifyFile } from './verify-file.js'
import { withProject } from './with-project.js'

export const command: Command = {
  summary: 'Verifies the journal and all recordings, one recording, or a receipt',
  details:
    'Holds the journal against its log, and against the journal the tables that follow from it and every recording: its consent, its hash, its key. A receipt is held against the public keys of the log and of its witness. --key: such a key; --anchors: a copy of checkpoints.txt; both kept elsewhere. Exits 1 if anything does not hold.',
  usage: ['[RECORDING | FILE] [--key KEY|FILE]… [--anchors FILE]…'],
  example: 'verify receipt.json --key log.pub --key witness.pub',
  options: { key: { type: 'string', multiple: true }, anchors: { type: 'string', multiple: true } },
  async run(request) {
    const { words, json } = request
    const [only, ...more] = words
    if (more.length > 0) throw new UsageError('give one recording id, one receipt, or nothing for everything')
    if (only && !isUuid(only)) return verifyFile(request, only)
    const outside = { keys: texts(request, 'key'), checkpointFiles: texts(request, 'anchors') }
    if (only && outside.keys.length + outside.checkpointFiles.length > 0)
      throw new UsageError('--key and --anchors are for the journal or a receipt, not for one recording')
    const bars = { events: showProgress('events'), recordings: showProgress('recordings') }
    const progress = json ? undefined : (what: keyof typeof bars, ...count: Count) => bars[what](...count)
    const { checked, faults, uncovered } = await withProject(project =>
      only ? verifyRecording(project, only as RecordingId, progress) : verifyAll(project, outside, progress),
    )
    const ok = faults.length === 0
    if (json) printJson({ ok, checked, faults, uncovered })
    else process.stdout.write(report({ checked, faults, uncovered }))
    return ok ? 0 : 1
  },
}

type Count = [done: number, of: number]

function report({ checked, faults, uncovered }: Verdict): string {
  const counts = table(
    ['checked', 'number'],
    Object.entries(checked).map(([what, number]) => [what, String(number)]),
  )
  const note = uncoveredText(uncovered)
  if (faults.length === 0) return `${counts}${note}${pc.green('All holds.')}\n`
  const rows = faults.map(({ kind, what, where }) => [pc.red(kind), what, where])
  return `${counts}${table(['fault', 'what', 'where'], rows)}${note}${pc.red(`Faults: ${faults.length}`)}\n`
}

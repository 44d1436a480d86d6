import pc from 'picocolors'
import { counted } from '../../lib/plural.js'
import { type ExportResult, exportPerson as make } from '../../rights/export-person.js'
import { actor } from '../actor.js'
import { printWritten, type Request, text, texts, UsageError } from '../command.js'
import { table } from '../table.js'
import { withProject } from '../with-project.js'

/** `rights export NUMBER -o FILE [--age RECIPIENT]… [--purpose P]…`; exits 1 if a recording could not be opened. */
export async function exportPerson(request: Request, number: string): Promise<number> {
  const out = text(request, 'out')
  if (!out) throw new UsageError('say where to: -o FILE.zip')
  const wanted = {
    number,
    file: out,
    recipients: texts(request, 'age'),
    purposes: texts(request, 'purpose'),
    reason: text(request, 'reason') ?? 'a copy for the person',
  }
  const by = actor(request)
  const exported = await withProject(project => make(project, by, wanted))
  printWritten(request, wanted.file, { document: exported, words: report(exported) })
  return exported.unopened.every(({ why }) => why === 'destroyed') ? 0 : 1
}

function report({ file, encrypted, calls, recordings, receipts, unopened }: ExportResult): string {
  const done = `${file}${encrypted ? ' (age)' : ''}: ${counted(calls, 'call', 'calls')}, ${counted(recordings, 'recording', 'recordings')}, ${counted(receipts, 'receipt', 'receipts')}\n`
  if (unopened.length === 0) return done
  const rows = unopened.map(({ recording, call, why }) => [recording, call, pc.yellow(why)])
  return `${done}${table(['not in it', 'of call', 'why'], rows)}`
}

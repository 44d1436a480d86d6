import pc from 'picocolors'
import { counted } from '../lib/plural.js'
import { type AuditReport, audit } from '../recordings/audit/audit.js'
import { type Command, noWords, print } from './command.js'
import { showProgress, table } from './table.js'
import { uncoveredText } from './uncovered-text.js'
import { withProject } from './with-project.js'

/** Faults shown in a table; `--json` has all of them. */
const SHOWN = 100

export const command: Command = {
  summary: 'Holds everything that is stored against the journal',
  details:
    'Checks each recording against its consent, container, hash, key and term, and each container and key file against the recordings. Exits 1 if anything does not hold.',
  usage: [''],
  example: 'audit',
  options: {},
  async run(request) {
    noWords(request)
    const progress = request.json ? undefined : showProgress('recordings')
    const report = await withProject(project => audit(project, progress))
    print(request, report, render(report))
    return report.ok ? 0 : 1
  },
}

function render({ checks, faults, checked, uncovered }: AuditReport): string {
  const rows = checks.map(({ check, of, faults }) =>
    faults === 0
      ? [pc.green('holds'), check, String(of), '']
      : [pc.red('fails'), check, String(of), pc.red(String(faults))],
  )
  const overview = `${table(['', 'check', 'of', 'faults'], rows)}${uncoveredText(uncovered)}`
  const all = [
    counted(checked.recordings, 'recording', 'recordings'),
    counted(checked.objects, 'container', 'containers'),
    counted(checked.keys, 'key', 'keys'),
  ].join(', ')
  if (faults.length === 0) return `${overview}${pc.green(`All holds: ${all}.`)}\n`
  const shown = faults
    .slice(0, SHOWN)
    .map(({ kind, what, where, recording }) => [
      pc.red(kind),
      what,
      where,
      where === recording ? '' : (recording ?? ''),
    ])
  const more =
    faults.length > SHOWN
      ? `${counted(faults.length - SHOWN, 'more fault is', 'more faults are')} in the output of --json.\n`
      : ''
  return `${overview}${table(['fault', 'what', 'where', 'recording'], shown)}${more}${pc.red(`Faults: ${faults.length}`)} (${all})\n`
}

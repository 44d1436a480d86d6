import pc from 'picocolors'
import { type PurgeReport, type PurgeRequest, previewPurge, purge } from '../recordings/retain/purge.js'
import { actor, byOption } from './actor.js'
import { type Command, noWords, print, type Request, UsageError } from './command.js'
import { foundNowhere } from './found-nowhere.js'
import { momentOf } from './moment.js'
import { showProgress, table } from './table.js'
import { withProject } from './with-project.js'

export const command: Command = {
  summary: 'Destroys what is past its retention',
  details:
    'Destroys every recording that is past its term and not held, and writes the act. Erases personal data of calls that is past its own term. Leaves a recording of which no store has anything, and counts it; --lost enters such recordings as lost into an act of their own. --dry-run says what would be destroyed, and looks into no store. --at: as of another moment; one to come only with --dry-run or in a lab. Refuses while it is not certain what day it is. --clock-checked: you have made sure that the clock is right, although the journal was silent for more than a week, or that lost holds are placed again after a restore.',
  usage: ['[--dry-run | --lost] [--clock-checked] [--at TIME] [--by NAME]'],
  example: 'purge --dry-run --at 2027-01-31',
  options: {
    'dry-run': { type: 'boolean' },
    lost: { type: 'boolean' },
    'clock-checked': { type: 'boolean' },
    at: { type: 'string' },
    ...byOption,
  },
  async run(request) {
    noWords(request)
    const at = momentOf(request, 'at')?.getTime()
    const dry = request.options['dry-run'] === true
    const lost = request.options['lost'] === true
    if (dry && lost) throw new UsageError('--dry-run looks into no store, so it cannot tell what is lost')
    const clockChecked = request.options['clock-checked'] === true
    if (dry && clockChecked)
      throw new UsageError('--dry-run destroys nothing, so the clock need not be checked')
    const report = dry
      ? await withProject(project => previewPurge(project, at))
      : await destroy(request, { at, lost, clockChecked })
    if (!report) return busy(request.json)
    print(request, report, dry ? previewText(report) : reportText(report))
    return report.failed === 0 && report.missing === 0 ? 0 : 1
  },
}

function destroy(request: Request, wanted: Omit<PurgeRequest, 'progress'>): Promise<PurgeReport | undefined> {
  const by = actor(request)
  const progress = showProgress('recordings destroyed')
  return withProject(project => purge(project, by, { ...wanted, progress }), 'destroyer')
}

/**
 * Another run may have begun before a recording came due, and may be a key rotation. So this verb cannot report what
 * was destroyed.
 */
function busy(json: boolean): number {
  print(
    { json },
    { due: 0, destroyed: 0, held: 0, failed: 0, missing: 0, forgotten: 0, act: null, busy: true },
    'Another purge or a key rotation is running; this one did nothing. Run it again once that has ended.\n',
  )
  return 1
}

const previewText = ({ due, held, forgotten }: PurgeReport): string =>
  table(
    ['would be destroyed', 'kept by a hold', 'callers would be forgotten'],
    [[pc.yellow(String(due)), String(held), String(forgotten)]],
  )

function reportText({ destroyed, held, failed, missing, forgotten, acts }: PurgeReport): string {
  const row = [
    pc.green(String(destroyed)),
    String(held),
    failed === 0 ? '0' : pc.red(String(failed)),
    missing === 0 ? '0' : pc.red(String(missing)),
    String(forgotten),
    acts.map(({ act, number }) => (number === null ? `${act} (open)` : `No. ${number}`)).join(', ') || '–',
  ]
  const head = ['destroyed', 'kept by a hold', 'not gone yet', 'found nowhere', 'callers forgotten', 'act']
  return `${table(head, [row])}${foundNowhere(missing)}`
}

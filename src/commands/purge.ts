import pc from 'picocolors'
import { ClockAnchor } from '../health/clock-anchor.js'
import { clockOffMs } from '../health/steady-clock.js'
import { DayCheck } from '../retention/day-check.js'
import { type PurgeReport, previewPurge, runPurge } from '../retention/run-purge.js'
import { systemClock } from '../shared/clock.js'
import { createLog } from '../shared/log.js'
import { actor, byOption } from './actor.js'
import { type Command, noWords, printJson, UsageError } from './command.js'
import { foundNowhere } from './found-nowhere.js'
import { momentOf } from './moment.js'
import { showProgress } from './progress.js'
import { table } from './table.js'
import { withProject } from './with-project.js'

export const command: Command = {
  summary: 'Destroys what is past its retention',
  details:
    'Destroys every recording that is past its term and not held, and writes the act. Erases personal data of calls that is past its own term. Leaves a recording of which no store has anything, and counts it; --lost enters such recordings as lost into an act of their own. --dry-run says what would be destroyed, and looks into no store. --at: as of another moment; one to come only with --dry-run or in a lab. Refuses while it is not certain what day it is. --clock-checked: you have made sure that the clock is right, although the journal was silent for more than a week.',
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
    const at = momentOf(request, 'at')?.getTime() ?? systemClock.now()
    const dry = request.options['dry-run'] === true
    const lost = request.options['lost'] === true
    if (dry && lost) throw new UsageError('--dry-run looks into no store, so it cannot tell what is lost')
    const clockChecked = request.options['clock-checked'] === true
    if (dry && clockChecked)
      throw new UsageError('--dry-run destroys nothing, so the clock need not be checked')
    const by = dry ? '' : actor(request).name
    const report = await withProject(
      project => {
        const { db, config } = project
        const { personalDays } = config
        if (dry) return previewPurge(db, { at, personalDays })
        const offMs = () => clockOffMs(systemClock, new ClockAnchor(config.data, systemClock.elapsed()))
        const day = new DayCheck({ db, clock: systemClock, offMs })
        const deps = { ...project, clock: systemClock, log: createLog('warn'), day, personalDays }
        return runPurge(deps, {
          at,
          by,
          lost,
          clockChecked,
          progress: showProgress('recordings destroyed'),
        })
      },
      dry ? 'verb' : 'destroyer',
    )
    if (!report) return busy(request.json)
    if (request.json) printJson(report)
    else process.stdout.write(dry ? foretold(report) : told(report))
    return report.failed === 0 && report.missing === 0 ? 0 : 1
  },
}

/** Whoever is at it may have begun before something came due, or may be no purge: whether it is gone is not known here. */
function busy(json: boolean): number {
  if (json)
    printJson({ due: 0, destroyed: 0, held: 0, failed: 0, missing: 0, forgotten: 0, act: null, busy: true })
  else
    process.stdout.write(
      'Another purge or a key rotation is running; this one did nothing. Run it again once that has ended.\n',
    )
  return 1
}

const foretold = ({ due, held, forgotten }: PurgeReport): string =>
  table(
    ['would be destroyed', 'kept by a hold', 'callers would be forgotten'],
    [[pc.yellow(String(due)), String(held), String(forgotten)]],
  )

function told({ destroyed, held, failed, missing, forgotten, acts }: PurgeReport): string {
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

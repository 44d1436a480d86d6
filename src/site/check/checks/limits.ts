import { words } from '../../../core/words.js'
import { OPEN_FILES } from '../../../lib/host/asterisk-needs.js'
import { readProcess } from '../../../lib/host/processes.js'
import { recordingsWithin } from '../../health/checks/machine.js'
import { type Check, type Fault, faultsOr, sound, unknown } from '../check.js'

/** Recordings that limits should allow if no maximum of recordings is set. */
const USUAL_RECORDINGS = 400

/** How many files service and Asterisk may open. */
export const limits: Check = {
  name: 'limits',
  title: words('Limits of open files', 'Лимиты открытых файлов'),
  async look(site) {
    const report = await site.service().catch(() => undefined)
    const own = report && readProcess(site.host, report.pid)?.fileLimit
    const { maxRecordings } = site.config().limits
    const wanted = Number.isFinite(maxRecordings) ? maxRecordings : USUAL_RECORDINGS
    const faults: Fault[] = []
    if (own !== undefined && recordingsWithin(own) < wanted) faults.push(tooFew(own, recordingsWithin(own)))
    const files = site.asterisk()?.fileLimit
    if (files !== undefined && files < OPEN_FILES.least) faults.push(asteriskTooFew(files))
    if (own === undefined && files === undefined)
      return unknown(
        'Neither service nor Asterisk runs here.',
        'Ни служба, ни Asterisk на этой машине не работают.',
      )
    return faultsOr(faults, sound('They are high enough.', 'Достаточно высоки.'))
  },
}

const tooFew = (limit: number, recordings: number): Fault => ({
  found: words(
    `The service may open ${limit} files, enough for ${recordings} recordings at once.`,
    `Служба может открыть файлов: ${limit}. Записей сразу при этом не больше ${recordings}.`,
  ),
  setting: 'LimitNOFILE (consentry.service)',
  remedy: words('systemctl edit consentry: LimitNOFILE=65536', 'systemctl edit consentry: LimitNOFILE=65536'),
})

const asteriskTooFew = (limit: number): Fault => ({
  found: words(
    `Asterisk may open ${limit} files. It crashes when they run out.`,
    `Asterisk может открыть файлов: ${limit}. Когда они кончатся, он упадёт.`,
  ),
  setting: 'maxfiles (asterisk.conf)',
  remedy: words(
    'Set maxfiles = 65536 in [options], and LimitNOFILE=65536 of its unit. Then restart it.',
    'Задайте maxfiles = 65536 в [options] и LimitNOFILE=65536 в его юните. Затем перезапустите его.',
  ),
})

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { words } from '../../../core/words.js'
import type { HostPaths } from '../../../lib/host/processes.js'
import { version } from '../../../lib/process/project.js'
import { type Check, type Fault, sound } from '../check.js'

/** Whether the service runs, and in the version that is installed. */
export const service: Check = {
  name: 'service',
  title: words('Service', 'Служба'),
  async look(site) {
    const report = await site.service()
    if (!report)
      return {
        state: 'fault',
        faults: [
          {
            found: words(
              'The service does not run. Calls go on unrecorded.',
              'Служба не работает. Звонки идут без записи.',
            ),
            setting: 'consentry.service',
            remedy: words(
              'systemctl start consentry; if it ends again: journalctl -u consentry -n 50',
              'systemctl start consentry; если она снова остановится: journalctl -u consentry -n 50',
            ),
          },
        ],
      }
    if (report.version !== version)
      return {
        state: 'fault',
        faults: [
          {
            found: words(
              `The service runs version ${report.version}, and ${version} is installed.`,
              `Работает версия ${report.version}, а установлена ${version}.`,
            ),
            setting: 'consentry.service',
            remedy: words(
              'systemctl restart consentry: recordings that run go on.',
              'systemctl restart consentry: идущие записи продолжатся.',
            ),
          },
        ],
      }
    const off = notEnabled(site.host)
    if (off.length > 0) return { state: 'fault', faults: off.map(afterStart) }
    return sound(`Version ${version} runs.`, `Работает версия ${version}.`)
  },
}

/** Units without which no call is recorded. */
const UNITS = ['consentry-keeper.service', 'consentry.service']
const INSTALLED = ['usr/lib/systemd/system', 'lib/systemd/system', 'etc/systemd/system']
const ENABLED = 'etc/systemd/system'

/** Installed units that are not started with the machine: no target wants them. */
function notEnabled({ root }: HostPaths): string[] {
  const folder = join(root, ENABLED)
  const targets = existsSync(folder) ? readdirSync(folder).filter(name => name.endsWith('.wants')) : []
  return UNITS.filter(
    unit =>
      INSTALLED.some(one => existsSync(join(root, one, unit))) &&
      // A link may be valid only on the machine of this root.
      !targets.some(target => readdirSync(join(folder, target)).includes(unit)),
  )
}

const afterStart = (unit: string): Fault => ({
  found: words(
    `After the next start of the machine ${unit} does not run, and no call is recorded.`,
    `После перезапуска машины ${unit} работать не будет, и звонки не запишутся.`,
  ),
  setting: unit,
  remedy: words(`systemctl enable ${unit}`, `systemctl enable ${unit}`),
})

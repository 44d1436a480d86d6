import { version } from '../../process/project.js'
import { words } from '../../shared/words.js'
import { type Check, sound } from '../check.js'

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
    return sound(`Version ${version} runs.`, `Работает версия ${version}.`)
  },
}

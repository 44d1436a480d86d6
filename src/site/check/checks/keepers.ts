import { keepersOf } from '../../../audio/tap/keepers-of.js'
import { words } from '../../../core/words.js'
import { type Check, type Fault, sound, unknown } from '../check.js'

/**
 * Whether only one keeper reads the pipes of the tap folder. Another one would return callers to the dialplan during
 * the question, and take their audio.
 */
export const keepers: Check = {
  name: 'keepers',
  title: words('Keepers', 'Хранители звука'),
  async look(site) {
    const { tapDir } = site.config()
    const pids = await keepersOf(tapDir)
    if ((await site.service())?.keeper?.running === false) return { state: 'fault', faults: [NO_KEEPER] }
    if (pids.length === 1)
      return sound(`One reads the pipes: process ${pids[0]}.`, `Каналы читает один: процесс ${pids[0]}.`)
    if (pids.length === 0) return unknown('None runs.', 'Ни один не работает.')
    return {
      state: 'fault',
      faults: [
        {
          found: words(
            `${pids.length} keepers read the pipes in ${tapDir}: each takes a part of the audio.`,
            `Каналы в ${tapDir} читают сразу ${pids.length}: звук делится между ними.`,
          ),
          setting: 'CONSENTRY_TAP_DIR',
          remedy: words(
            `Give each service a tap folder of its own. End those that no service uses: kill ${pids.join(' or ')}`,
            `Дайте каждой службе свою папку. Лишние завершите: kill ${pids.join(' или ')}`,
          ),
        },
      ],
    }
  },
}

const NO_KEEPER: Fault = {
  found: words(
    'The service has no keeper: no call is recorded.',
    'У службы нет хранителя звука: ни один звонок не записывается.',
  ),
  setting: 'consentry-keeper.service',
  remedy: words(
    'systemctl start consentry-keeper; if it ends again: journalctl -u consentry-keeper -n 50',
    'systemctl start consentry-keeper; если он снова остановится: journalctl -u consentry-keeper -n 50',
  ),
}

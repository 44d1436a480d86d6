import { lstatSync } from 'node:fs'
import { reachesPipes } from '../../../core/service-report.js'
import { words } from '../../../core/words.js'
import { type Check, type Fault, sound, unknown } from '../check.js'

/**
 * Whether a tone that Asterisk writes into the pipes arrives at the service. Asterisk runs the same dialplan lines as
 * for a call.
 */
export const tap: Check = {
  name: 'tap',
  title: words('Audio from Asterisk', 'Звук от Asterisk'),
  async look(site) {
    const { tapDir } = site.config()
    if (!lstatSync(tapDir, { throwIfNoEntry: false })?.isDirectory())
      return unknown('There is no tap folder.', 'Папки звука нет.')
    const { current } = await site.pbx()
    if (current !== true)
      return unknown(
        'The dialplan of this version is needed for that.',
        'Для этого нужен диалплан этой версии.',
      )
    const probe = await site.probeTap()
    if (reachesPipes(probe))
      return sound(
        'Asterisk writes into the pipes, and it arrives.',
        'Asterisk пишет в каналы, и звук доходит.',
      )
    return { state: 'fault', faults: [probe.started ? NOT_ARRIVED : notReached(tapDir)] }
  },
}

const notReached = (tapDir: string): Fault => ({
  found: words(
    `Asterisk does not find the pipes in ${tapDir}: no call is recorded.`,
    `Asterisk не находит каналов в ${tapDir}: ни один звонок не записывается.`,
  ),
  setting: 'CONSENTRY_TAP_DIR',
  remedy: words(
    'Give the folder the group of Asterisk, and see that both see the same path: The tap folder in docs/asterisk.md.',
    'Дайте папке группу Asterisk и проверьте, что путь у обоих один: раздел The tap folder в docs/asterisk.md.',
  ),
})

const NOT_ARRIVED: Fault = {
  found: words(
    'Asterisk finds the pipes and writes nothing into them: no call is recorded.',
    'Asterisk находит каналы, но ничего в них не пишет: ни один звонок не записывается.',
  ),
  setting: 'CONSENTRY_TAP_DIR',
  remedy: words(
    "The group of the pipes must be Asterisk's, and the modules app_mixmonitor and format_pcm must run. Asterisk's log says why.",
    'Группа каналов должна быть группой Asterisk, а модули app_mixmonitor и format_pcm загружены. Причину скажет журнал Asterisk.',
  ),
}

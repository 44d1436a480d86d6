import { recordedPurposes } from '../../../core/policy.js'
import { words } from '../../../core/words.js'
import {
  askConsole,
  HANDS_OVER,
  type Handover,
  runningHandovers,
  writtenHandovers,
} from '../../../lib/host/asterisk-console.js'
import { lookIntoFiles } from '../asterisk-folder.js'
import { type Check, type Fault, faultsOr, sound, unknown } from '../check.js'

/** Maximum number of numbers in a fault. */
const NAMED = 10

/** Whether the running dialplan hands over the calls of each line, so that its callers are asked. */
export const gosub: Check = {
  name: 'gosub',
  title: words('Lines in the dialplan', 'Линии в диалплане'),
  async look(site) {
    const numbers = (await site.lines())
      .filter(one => recordedPurposes(one).length > 0)
      .map(one => one.number)
    if (numbers.length === 0)
      return sound('No line in force is recorded.', 'Ни одна действующая линия не записывается.')
    const asterisk = site.asterisk()
    const shown = asterisk && (await askConsole(asterisk, 'dialplan show'))
    if (shown === undefined)
      return unknown(
        'Asterisk’s console does not answer this user, so the dialplan that runs is not known: run this as root.',
        'Консоль Asterisk не отвечает этому пользователю, поэтому работающий диалплан неизвестен: запустите это от root.',
      )
    const running = runningHandovers(shown)
    return lookIntoFiles(site, ({ read }) => {
      const written = writtenHandovers(read('extensions.conf', { only: HANDS_OVER, skipMissing: true }))
      const away = numbers.filter(number => !isServed(running, number))
      const [waiting, missing] = [
        away.filter(number => isServed(written, number)),
        away.filter(number => !isServed(written, number)),
      ]
      return faultsOr(
        [
          ...(missing.length > 0 ? [notAsked(missing)] : []),
          ...(waiting.length > 0 ? [notReloaded(waiting)] : []),
        ],
        sound('Calls to each line are handed over.', 'Звонки на каждую линию передаются службе.'),
      )
    })
  },
}

const isServed = (places: readonly Handover[], number: string): boolean =>
  places.some(place => place.serves(number))

const listed = (numbers: readonly string[]): string =>
  numbers.length > NAMED ? `${numbers.slice(0, NAMED).join(', ')} …` : numbers.join(', ')

const RELOAD = 'asterisk -rx "dialplan reload"'

const notAsked = (numbers: readonly string[]): Fault => ({
  found: words(
    `Nothing in the dialplan hands calls to these lines over, so their callers are not asked: ${listed(numbers)}.`,
    `Диалплан не передаёт службе звонки на эти линии, и звонящих не спрашивают: ${listed(numbers)}.`,
  ),
  setting: 'Gosub(consentry,s,1) (extensions.conf)',
  remedy: words(
    `Run it in the extension of each number before the queue, as docs/asterisk.md says, then: ${RELOAD}`,
    `Выполните его в экстеншене каждого номера перед очередью, как сказано в docs/asterisk.md, затем: ${RELOAD}`,
  ),
})

const notReloaded = (numbers: readonly string[]): Fault => ({
  found: words(
    `The dialplan was changed and not reloaded, so callers of these lines are not asked: ${listed(numbers)}.`,
    `Диалплан изменён, но не перечитан, и звонящих на эти линии не спрашивают: ${listed(numbers)}.`,
  ),
  setting: 'dialplan reload',
  remedy: words(RELOAD, RELOAD),
})

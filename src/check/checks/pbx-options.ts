import { words } from '../../shared/words.js'
import { type Check, type Fault, faultsOr, sound, unknown } from '../check.js'

/** Options of the PBX that end calls at our keys, or record by themselves. FreePBX has them as globals and in its database. */
export const pbxOptions: Check = {
  name: 'pbx-options',
  title: words('Options of the PBX', 'Настройки АТС'),
  async look(site) {
    const { globals, recorded } = await site.pbx()
    if (globals.DIAL_OPTIONS === null && recorded === null)
      return unknown('The PBX does not say its options.', 'АТС не сообщает своих настроек.')
    const options = globals.DIAL_OPTIONS ?? ''
    const ending = /[Hh]/.test(options.replace(/\([^)]*\)/g, '')) ? [starHangsUp(options)] : []
    const forced = recorded && recorded.length > 0 ? [recordsItself(recorded)] : []
    return faultsOr(
      [...ending, ...forced],
      sound('None takes our keys or records by itself.', 'Ни одна не отнимает наших клавиш и не пишет сама.'),
    )
  },
}

const starHangsUp = (options: string): Fault => ({
  found: words(
    `With H or h in DIAL_OPTIONS (${options}) a star hangs up, before a withdrawal by star nine is heard.`,
    `Из-за H или h в DIAL_OPTIONS (${options}) звёздочка кладёт трубку раньше, чем набран отзыв.`,
  ),
  setting: 'DIAL_OPTIONS',
  remedy: words(
    'Take H and h out: in FreePBX, Advanced Settings, Asterisk Dial Options.',
    'Уберите H и h: во FreePBX это Advanced Settings, Asterisk Dial Options.',
  ),
})

/** Extensions are numbers of the operator's own staff, and no callers'. Some are enough to find the rest. */
const NAMED = 5

function recordsItself(extensions: readonly string[]): Fault {
  const list = `${extensions.slice(0, NAMED).join(', ')}${extensions.length > NAMED ? ', …' : ''}`
  return {
    found: words(
      `The PBX itself records every call of ${list}, whatever callers answer.`,
      `АТС сама записывает все звонки ${list}, что бы ни ответил звонящий.`,
    ),
    setting: 'recording (FreePBX)',
    remedy: words(
      "Set Inbound External Calls of these extensions to Don't Care or Never.",
      "Поставьте этим номерам Inbound External Calls: Don't Care или Never.",
    ),
  }
}

import { words } from '../../shared/words.js'
import { type Check, type Fault, faultsOr, sound, unknown } from '../check.js'

/** Options of the PBX that end calls at our keys. FreePBX has them as global variables. */
export const pbxOptions: Check = {
  name: 'pbx-options',
  title: words('Options of the PBX', 'Настройки АТС'),
  async look(site) {
    const { DIAL_OPTIONS: options } = (await site.pbx()).globals
    if (options === null)
      return unknown('The PBX does not say its options.', 'АТС не сообщает своих настроек.')
    const ending = /[Hh]/.test(options.replace(/\([^)]*\)/g, '')) ? [starHangsUp(options)] : []
    return faultsOr(ending, sound('None takes our keys.', 'Ни одна не отнимает наших клавиш.'))
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

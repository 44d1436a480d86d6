import { words } from '../../shared/words.js'
import { type Check, type Fault, faultsOr, sound, unknown } from '../check.js'

/** Options of the PBX that end or record calls at keys. FreePBX has them as global variables. */
export const pbxOptions: Check = {
  name: 'pbx-options',
  title: words('Options of the PBX', 'Настройки АТС'),
  async look(site) {
    const { DIAL_OPTIONS: options } = (await site.pbx()).globals
    if (options === null)
      return unknown('The PBX does not say its options.', 'АТС не сообщает своих настроек.')
    const letters = options.replace(/\([^)]*\)/g, '')
    const faults = [
      ...(/[Hh]/.test(letters) ? [starHangsUp(options)] : []),
      ...(/[WwXx]/.test(letters) ? [recordsByTouch(options)] : []),
    ]
    return faultsOr(faults, sound('None takes our keys.', 'Ни одна не отнимает наших клавиш.'))
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

const recordsByTouch = (options: string): Fault => ({
  found: words(
    `With W, w, X or x in DIAL_OPTIONS (${options}) a key lets the PBX record, whatever the caller answered, and ends our tap.`,
    `Из-за W, w, X или x в DIAL_OPTIONS (${options}) по клавише записывает сама АТС, что бы ни ответил звонящий, а наша запись обрывается.`,
  ),
  setting: 'DIAL_OPTIONS',
  remedy: words(
    'Take them out: in FreePBX, Advanced Settings, Asterisk Dial Options.',
    'Уберите их: во FreePBX это Advanced Settings, Asterisk Dial Options.',
  ),
})

import type { PbxExamination } from '../../../core/pbx-facts.js'
import { words } from '../../../core/words.js'
import { unknownLine } from '../../../lines/unknown-line.js'
import { type Check, type Fault, faultsOr, sound, unknown } from '../check.js'
import { keysInCalls, takes } from '../taken-keys.js'

/** Global variables with options of Dial, by their FreePBX names, with their labels in FreePBX's Advanced Settings. */
const OPTIONS = [
  ['DIAL_OPTIONS', 'Asterisk Dial Options'],
  ['TRUNK_OPTIONS', 'Asterisk Outbound Trunk Dial Options'],
] as const
type Place = (typeof OPTIONS)[number]

/** The default keys, for an installation without lines. */
const USUAL_KEYS = keysInCalls([unknownLine('')])

/** Asterisk's default code that ends a call, if the PBX does not report one. */
const STAR = '*'

/** Options of the PBX that end or record calls at a key. FreePBX has them as global variables. */
export const pbxOptions: Check = {
  name: 'pbx-options',
  title: words('Options of the PBX', 'Настройки АТС'),
  async look(site) {
    const { globals, disconnect } = await site.pbx()
    if (globals.DIAL_OPTIONS === null)
      return unknown('The PBX does not say its options.', 'АТС не сообщает своих настроек.')
    const own = keysInCalls(await site.lines().catch(() => []))
    const taken = (own.length > 0 ? own : USUAL_KEYS).find(keys => takes(disconnect ?? STAR, keys))
    return faultsOr(
      OPTIONS.flatMap(place => faultsIn(place, globals, disconnect ?? STAR, taken)),
      sound('None takes our keys.', 'Ни одна не отнимает наших клавиш.'),
    )
  },
}

/** @param taken our keys that cannot be pressed while the disconnect code is active; undefined if there are none */
function faultsIn(
  place: Place,
  globals: PbxExamination['globals'],
  disconnect: string,
  taken: string | undefined,
): Fault[] {
  const options = globals[place[0]] ?? ''
  const letters = options.replace(/\([^)]*\)/g, '')
  return [
    ...(taken !== undefined && /[Hh]/.test(letters) ? [hangsUp(place, options, disconnect, taken)] : []),
    ...(/[WwXx]/.test(letters) ? [recordsByTouch(place, options)] : []),
  ]
}

const hangsUp = ([setting, page]: Place, options: string, disconnect: string, taken: string): Fault => ({
  found: words(
    `With H or h in ${setting} (${options}) the keys ${disconnect} hang up, before ${taken} is heard.`,
    `Из-за H или h в ${setting} (${options}) клавиши ${disconnect} кладут трубку раньше, чем набрано ${taken}.`,
  ),
  setting,
  remedy: words(
    `Take H and h out: in FreePBX, Advanced Settings, ${page}. Or give the feature disconnect other keys.`,
    `Уберите H и h: во FreePBX это Advanced Settings, ${page}. Или назначьте функции disconnect другие клавиши.`,
  ),
})

const recordsByTouch = ([setting, page]: Place, options: string): Fault => ({
  found: words(
    `With W, w, X or x in ${setting} (${options}) a key lets the PBX record, whatever the caller answered, and ends our tap.`,
    `Из-за W, w, X или x в ${setting} (${options}) по клавише записывает сама АТС, что бы ни ответил звонящий, а наша запись обрывается.`,
  ),
  setting,
  remedy: words(
    `Take them out: in FreePBX, Advanced Settings, ${page}.`,
    `Уберите их: во FreePBX это Advanced Settings, ${page}.`,
  ),
})

import { words } from '../../../core/words.js'
import { type AsteriskConfig, isTrue, settingsOf } from '../../../lib/host/asterisk-config.js'
import { writtenHandovers } from '../../../lib/host/asterisk-console.js'
import type { Fault } from '../check.js'

/**
 * Finds faults of endpoints whose calls begin in a context that hands them over: keys that Asterisk does not receive,
 * and audio that bypasses Asterisk.
 *
 * @param pjsip `pjsip.conf`
 * @param extensions `extensions.conf`
 */
export function endpointFaults(pjsip: AsteriskConfig, extensions: AsteriskConfig): Fault[] {
  const contexts = new Set(writtenHandovers(extensions).map(({ context }) => context))
  const names = new Set(pjsip.sections.filter(({ template }) => !template).map(({ name }) => name))
  return [...names].flatMap(name => {
    const settings = settingsOf(pjsip, name)
    const value = (key: string) => settings.findLast(one => one.key.toLowerCase() === key)?.value
    if (value('type') !== 'endpoint' || !contexts.has(value('context') ?? 'default')) return []
    return [
      ...(value('dtmf_mode') === 'none' ? [keysUnheard(name)] : []),
      ...(isTrue(value('direct_media') ?? 'yes') ? [audioPast(name)] : []),
    ]
  })
}

const keysUnheard = (name: string): Fault => ({
  found: words(
    `Asterisk takes no keys from the endpoint ${name}: its callers cannot answer by key.`,
    `Asterisk не принимает клавиши от точки ${name}: звонящие не могут ответить клавишей.`,
  ),
  setting: `dtmf_mode (pjsip.conf, ${name})`,
  remedy: words(
    'Set dtmf_mode = auto, then: asterisk -rx "pjsip reload"',
    'Задайте dtmf_mode = auto, затем: asterisk -rx "pjsip reload"',
  ),
})

const audioPast = (name: string): Fault => ({
  found: words(
    `Audio and keys of the endpoint ${name} may go past Asterisk.`,
    `Звук и клавиши точки ${name} могут идти мимо Asterisk.`,
  ),
  setting: `direct_media (pjsip.conf, ${name})`,
  remedy: words(
    'Set direct_media = no, then: asterisk -rx "pjsip reload"',
    'Задайте direct_media = no, затем: asterisk -rx "pjsip reload"',
  ),
  weak: true,
})

import type { LinePolicy } from '../../../core/policy.js'
import { words } from '../../../core/words.js'
import type { AsteriskConfig } from '../../../lib/host/asterisk-config.js'
import type { Fault } from '../check.js'
import { keysInCalls, takes } from '../taken-keys.js'

/** Sections of features.conf whose values are keys. */
const KEY_SECTIONS = ['featuremap', 'applicationmap']

/** Finds what takes the keys of our lines. */
export function takenKeys(
  lines: readonly Pick<LinePolicy, 'keys' | 'askKeys'>[],
  features: AsteriskConfig,
): Fault[] {
  const codes = features.sections
    .filter(({ name }) => KEY_SECTIONS.includes(name))
    .flatMap(({ settings }) => settings.map(({ key, value }) => ({ key, code: value.split(',')[0]!.trim() })))
  return keysInCalls(lines).flatMap(own =>
    codes
      .filter(({ code }) => takes(code, own))
      .map(({ key, code }) => ({
        found: words(
          `Asterisk takes ${code} for itself (${key}), and our lines use ${own}.`,
          `Asterisk забирает ${code} себе (${key}), а на наших линиях это ${own}.`,
        ),
        setting: `${key} (features.conf)`,
        remedy: words(
          'Give that feature other keys, or the lines.',
          'Назначьте другие клавиши этой функции или линиям.',
        ),
      })),
  )
}

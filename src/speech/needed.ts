import { isHeard, type LinePolicy } from '../core/policy.js'
import { isSame, type WantedEngine } from './engines.js'

/** The engines that lines need, each with every language in which its callers may be asked. */
export function enginesNeeded(lines: readonly LinePolicy[]): WantedEngine[] {
  const all = lines.flatMap(({ mode, voice, language, languages = [] }) => {
    if (mode !== 'voice-or-key' || !voice) return []
    const spoken = [language, ...languages.map(one => one.language)]
    return spoken.filter(isHeard).map(one => ({ engine: voice.engine, language: one }))
  })
  return all.filter((one, i) => all.findIndex(other => isSame(one, other)) === i)
}

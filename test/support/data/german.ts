import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Test } from 'tap'

/** A third language: keys, terms, and the words of the prompts that callers of a plain line hear. */
export const german = {
  keys: {
    ...{ '0': 'null', '1': 'eins', '2': 'zwei', '3': 'drei', '4': 'vier', '5': 'fünf', '6': 'sechs' },
    ...{ '7': 'sieben', '8': 'acht', '9': 'neun', '*': 'Stern', '#': 'Raute' },
  },
  press: ['drücken Sie'],
  beforeKey: ['die', 'Taste'],
  days: { one: 'Tag', other: 'Tage' },
  speak: ['sagen Sie', 'sprechen Sie'],
  legalBasis: 'Einwilligung der betroffenen Person (DSGVO, Artikel 6 Absatz 1 Buchstabe a)',
  voices: { 'espeak-ng': ['de'] },
  prompts: {
    'choose-language': 'Für Deutsch drücken Sie {key}.',
    'disclosure-key':
      'Guten Tag, hier ist {company}. Mit Ihrer Einwilligung zeichnen wir dieses Gespräch auf und bewahren es {days} auf. Wenn Sie einverstanden sind, drücken Sie {yes}. Wenn nicht, drücken Sie {no}. Zum Widerruf drücken Sie {withdraw}.',
    question: 'Dürfen wir aufzeichnen? Ja: {yes}. Nein: {no}.',
    granted: 'Danke, das Gespräch wird aufgezeichnet.',
    refused: 'In Ordnung, es wird nichts aufgezeichnet.',
    withdrawn: 'Ihre Einwilligung ist widerrufen, die Aufnahme wird gelöscht.',
  },
}

/** Makes a folder of languages with German, for CONSENTRY_LANGUAGES. @returns its path */
export async function germanFolder(t: Test): Promise<string> {
  const folder = t.testdir({})
  await mkdir(join(folder, 'de'))
  await writeFile(join(folder, 'de', 'language.json'), JSON.stringify(german))
  return folder
}

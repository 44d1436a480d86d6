import { languageName } from '../../../../core/language-names.js'
import { counted } from '../../../../lib/plural.js'
import type { Words } from '../shape.js'

export const lines = {
  title: 'Lines',
  lead: 'What a caller hears on each number. Choose a number to see the whole conversation.',
  number: 'Number',
  anyNumber: 'What applies to number',
  look: 'Show',
  noLine: number => `${number} is not a line`,
  asks: 'How it asks',
  purposes: 'Recorded for',
  version: 'Version',
  none: 'There are no lines yet. A line is a number on which callers are asked for consent.',
  modes: {
    key: 'asks for a key',
    'voice-or-key': 'asks for a spoken yes or no, or a key',
    notice: 'only gives notice',
    none: 'does not record',
  },
  inLanguage: language => `in ${languageName(language, 'en')}`,
  kept: days => `kept for ${counted(days, 'day', 'days')}`,
} satisfies Words['lines']

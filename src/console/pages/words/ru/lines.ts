import { languageName } from '../../../../core/language-names.js'
import { countedRu } from '../../../../lib/plural.js'

export const lines = {
  title: 'Линии',
  lead: 'Что слышит звонящий на каждом номере. Щёлкните по номеру, чтобы посмотреть разговор целиком.',
  number: 'Номер',
  anyNumber: 'Что действует на номере',
  look: 'Посмотреть',
  noLine: (number: string): string => `${number} — не линия`,
  asks: 'Как спрашивает',
  purposes: 'Для чего запись',
  version: 'Версия',
  none: 'Линий пока нет. Линия — это номер, на котором спрашивают согласие.',
  modes: {
    key: 'спрашивает и ждёт клавишу',
    'voice-or-key': 'спрашивает, ждёт голос или клавишу',
    notice: 'только предупреждает',
    none: 'не записывает',
  },
  /** Names of the form `русский` have an adverb. */
  inLanguage: (language: string): string => {
    const name = languageName(language, 'ru')
    return name.endsWith('ий') ? `по-${name.slice(0, -1)}` : `на языке «${name}»`
  },
  kept: (days: number): string => `хранится ${countedRu(days, 'день', 'дня', 'дней')}`,
}

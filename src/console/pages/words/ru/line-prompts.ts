import { countedRu } from '../../../../lib/plural.js'

export const linePrompts = {
  open: 'Фразы линии',
  title: (line: string): string => `${line}: фразы`,
  lead: 'Всё, что слышат звонящие. Послушайте или озвучьте заново другим голосом, с клавишами и сроками этой линии.',
  alsoOn: (numbers: readonly string[]): string => `Звучит и на ${numbers.join(', ')}`,
  drafts: 'Звонящие ещё не слышат',
  draftsHint: 'Послушайте новые версии, прежде чем опубликовать их.',
  publish: (count: number): string =>
    `Опубликовать ${countedRu(count, 'новую версию', 'новые версии', 'новых версий')}`,
  ask: (count: number): string =>
    `Запросить одобрение: ${countedRu(count, 'новая версия', 'новые версии', 'новых версий')}`,
  publishDo: 'Опубликовать',
  publishAsks:
    'Звонящие услышат их со следующего звонка. Отменить можно у каждой фразы: снять её или снова опубликовать прежнюю версию.',
  publishOthers: (numbers: readonly string[]): string => `Их говорят и другие линии: ${numbers.join(', ')}.`,
  speak: 'Озвучить заново',
  speakAll: 'Озвучить выбранные',
  speaking: (spoken: number, all: number): string =>
    `Голос озвучивает фразы: готово ${spoken} из ${all}. Страница обновится сама.`,
  recorded: 'Эту фразу записал человек.',
  voice: (language: string): string => `Голос, ${language}`,
}

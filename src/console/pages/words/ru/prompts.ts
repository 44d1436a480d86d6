import type { Promised } from '../../../../lines/prompts/lost-promises.js'

const PROMISED: Readonly<Record<Promised, string>> = {
  term: 'срок хранения',
  withdrawal: 'клавишу отзыва',
  mode: 'как отвечать',
}

export const prompts = {
  title: 'Фразы',
  lead: 'Что слышат звонящие. Новая версия сначала черновик: её слышите только вы, пока не опубликуете.',
  versions: 'Версии',
  states: {
    shipped: 'из поставки',
    draft: 'черновик',
    published: 'опубликована',
    replaced: 'заменена',
    withdrawn: 'снята',
  },
  heard: 'её слышат звонящие',
  how: {
    shipped: 'из поставки',
    speech: 'прочитал голос',
    upload: 'из файла',
    browser: 'записана в браузере',
    telephone: 'записана по телефону',
  },
  loudness: (lufs: number): string => `${lufs.toFixed(1).replace('.', ',').replace('-', '−')} LUFS`,
  begin: 'Начать фразу',
  name: 'Название фразы',
  nameHint: 'Маленькими латинскими буквами, слова через дефис. По нему фразу называют линии.',
  language: 'Язык',
  like: 'По образцу какой фразы',
  likeHint: 'Слова сначала будут как у неё; место в линии то же.',
  freshWords: 'Версий пока нет. Слова взяты из папки языка: дайте прочитать их голосу или запишите.',
  unspoken: (language: string): string => `${language}: ещё не записана`,
  fresh: (like: string): string =>
    `Версий пока нет. Слова взяты у фразы ${like}: измените их, а потом дайте прочитать голосу или запишите.`,
  listen: (version: number): string => `Послушать версию ${version}, как по телефону`,
  play: (name: string): string => `Прослушать ${name}`,
  stopPlaying: 'Остановить',
  unusualLength: 'Для этих слов длина необычна. Послушайте: сказано ли то, что написано?',
  lost: (lost: readonly Promised[], former: number | undefined): string =>
    `${former === undefined ? 'Версия, которая действует,' : `Версия ${former}`} называет ${lost.map(one => PROMISED[one]).join(', ')}, а эта — нет. Послушайте: поймут ли звонящие, на что соглашаются?`,
  publish: 'Опубликовать',
  publishAgain: 'Вернуть в действие',
  publishAgainDo: (version: number): string => `Вернуть версию ${version}`,
  publishAgainAsks: (inForce: number): string =>
    `Со следующего звонка звонящие услышат эту версию. Это можно отменить: ${inForce === 0 ? 'снять её' : `так же вернуть версию ${inForce}`}.`,
  discard: 'Выбросить',
  discardDo: 'Выбросить черновик',
  discardAsks:
    'Версия больше не будет черновиком; для звонящих ничего не изменится. Это можно отменить: версия останется в списке, и её можно опубликовать.',
  discarded: 'выброшена',
  withdraw: 'Снять',
  withdrawDo: 'Снять версию',
  withdrawAsks: (shipped: boolean): string =>
    `${shipped ? 'Со следующего звонка звонящие снова услышат фразу из поставки.' : 'Фразы больше не будет. Пока её использует хоть одна линия, снять её нельзя.'} Это можно отменить: вернуть версию в действие.`,
  where: 'Где звучит',
  nowhere: 'Ни на одной линии.',
  draft: (line: string): string => `черновик линии ${line}`,
  wordsForIt: 'сделать слова для него',
  lastHeard: 'Последний раз:',
  say: 'Прочитать голосом',
  template: 'Слова',
  templateHint:
    'То, что в фигурных скобках, подставляется: {company} компания, {days} срок, {yes} и {no} клавиши, {withdraw} отзыв, {key} клавиша языка.',
  sayFor: 'Чьи клавиши и сроки назвать',
  asLine: (line: string): string => `как на линии ${line}`,
  asDraft: (line: string): string => `как в черновике линии ${line}`,
  forLine: (line: string, draft: boolean): string =>
    draft
      ? `Эти слова — для черновика линии ${line}. Опубликуйте их, а потом выберите эту фразу в черновике.`
      : `Эти слова — для линии ${line}.`,
  alsoOnLines: 'Эта фраза звучит и на других линиях. Только для этой линии:',
  beginOwn: (name: string): string => `Начать фразу ${name}`,
  backTo: (line: string, draft: boolean): string =>
    draft ? `Назад к черновику линии ${line}` : `Назад к линии ${line}`,
  voice: 'Голос',
  noVoice:
    'На этом сервере нет голоса для этого языка. Установите его, например пакет espeak-ng, festival или rhvoice.',
  make: 'Прочитать',
  noCompany: 'Фраза называет компанию, а названия у неё ещё нет.',
  nameCompany: 'Назвать компанию',
  record: 'Записать или загрузить',
  recordHint: (version: number): string =>
    `Слова остаются как в версии ${version}. WAV, MP3, OGG, M4A или FLAC, до 10 МБ и 60 секунд.`,
  recordHintNew: 'Слова — те, что выше, в поле «Слова». WAV, MP3, OGG, M4A или FLAC, до 10 МБ и 60 секунд.',
  byPhone: 'Наговорить по телефону',
  phoneRings: (endpoint: string): string =>
    `Звоним на ${endpoint}. Ответьте и говорите после сигнала. Когда сохраните, обновите страницу.`,
  phoneHint: (version: number): string =>
    `Слова остаются как в версии ${version}. Закончив, нажмите решётку: вы услышите запись и решите, годится ли она.`,
  noScript: 'Чтобы записать или загрузить фразу здесь, включите в браузере скрипты.',
  madeToApprove: (version: number): string =>
    `Версия ${version} сохранена как черновик. Послушайте её и запросите одобрение.`,
  proposed: (step: 'publish' | 'withdraw', version: number, inForce: number): string =>
    step === 'withdraw'
      ? `Предложено снять версию ${version}.`
      : `Предложено опубликовать версию ${version}${inForce === 0 ? '' : ` вместо версии ${inForce}`}.`,
  proposalOutdated:
    'С тех пор фраза изменилась. Отзовите предложение или предложите заново: новое заменит его.',
  approve: (step: 'publish' | 'withdraw'): string =>
    step === 'withdraw' ? 'Одобрить и снять' : 'Одобрить и опубликовать',
  approvalHint: 'То, что слышат звонящие, меняют двое: одобряет тот, кто этого не делал и не предлагал.',
  withdrawProposalAsks:
    'Предложение перестанет действовать, одобрить его будет нельзя. Звонящие услышат то же, что и раньше. Отменить это нельзя: понадобится новое предложение.',
  waiting: 'Фразы ждут одобрения',
  made: (version: number): string => `Версия ${version} сохранена как черновик. Послушайте её и опубликуйте.`,
  recorder: {
    record: 'Записать с микрофона',
    stop: 'Остановить и сохранить',
    file: 'Файл со звуком',
    sending: 'Загружаем…',
    checking: 'Загружено. Проверяем и преобразуем звук…',
    noMicrophone: 'Микрофон недоступен: разрешите его для этой страницы или загрузите файл.',
    level: 'Уровень',
    away: 'Консоль не отвечает. Попробуйте ещё раз.',
  },
}

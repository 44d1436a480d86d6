const FIELDS: Readonly<Record<string, string>> = {
  name: 'Имя линии, звонящие его не слышат',
  language: 'Язык',
  company: 'Компания, если она не основная',
  languages: 'Выбор языка',
  mode: 'Как спрашивает',
  disclosure: 'Фраза в начале',
  bargeIn: 'Когда считается клавиша',
  minHeardMs: 'Сколько первой фразы должно прозвучать, чтобы «да» считалось: секунды или «всё»',
  'keys.yes': 'Клавиша «да»',
  'keys.no': 'Клавиша «нет»',
  'keys.withdraw': 'Клавиши отзыва',
  'keys.pause': 'Клавиши паузы',
  waitMs: 'Сколько ждать ответа, с',
  'voice.engine': 'Что распознаёт ответ',
  'voice.threshold': 'Наименьшая оценка «да», от 0,5 до 0,99',
  'voice.weak': 'После слабого согласия',
  'voice.keyAfterYes': 'После ясного «да»',
  'voice.experimental': 'Непроверенные движки',
  'voice.keepAnswer.legalBasis': 'Правовое основание хранить сказанное «да»; пусто — не хранится',
  'voice.keepAnswer.retentionDays': 'Срок хранения сказанного «да», дней',
  'voice.keepAnswer.longerBecause': 'Почему сказанное «да» хранится дольше 30 дней',
  retries: 'Сколько раз повторить вопрос',
  pauseMaxMs: 'Самая долгая пауза, с',
  onWithdraw: 'После отзыва записанное',
  onOutsider: 'Пока в разговоре есть посторонний без согласия',
  outsiderDisclosure: 'Что слышит перед вопросом посторонний без согласия',
  onHold: 'Пока звонящий на удержании или ждёт один',
  askKeys: 'Клавиши, которыми оператор просит спросить звонящего посреди разговора, если они нужны',
  onRefused: 'После отказа',
  onSilent: 'После молчания',
  onFailed: 'После сбоя',
  purpose: 'Цель, латиницей',
  retentionDays: 'Срок хранения, дней',
  legalBasis: 'Правовое основание',
  longerBecause: 'Почему хранится дольше 30 дней',
  'prompts.question': 'Фраза вопроса',
  'prompts.granted': 'Фраза после «да»',
  'prompts.refused': 'Фраза после «нет»',
}

/**
 * The label of a line's field.
 * @param path such as `waitMs` or `purposes.0.legalBasis`
 * @returns undefined for any other path
 */
export const fieldLabel = (path: string): string | undefined => FIELDS[path.replace(/^purposes\.\d\./, '')]

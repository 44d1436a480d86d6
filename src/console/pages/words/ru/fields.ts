const FIELDS: Readonly<Record<string, string>> = {
  language: 'Язык',
  company: 'Компания, если она не основная',
  languages: 'Выбор языка',
  mode: 'Как спрашивает',
  disclosure: 'Фраза в начале',
  bargeIn: 'Когда считается клавиша',
  'keys.yes': 'Клавиша «да»',
  'keys.no': 'Клавиша «нет»',
  'keys.withdraw': 'Клавиши отзыва',
  'keys.pause': 'Клавиши паузы',
  waitMs: 'Сколько ждать клавишу, с',
  retries: 'Сколько раз повторить вопрос',
  pauseMaxMs: 'Самая долгая пауза, с',
  onWithdraw: 'После отзыва записанное',
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

/** What pages call a field of a line. @param path such as `waitMs` or `purposes.0.legalBasis` @returns undefined if it is none */
export const fieldLabel = (path: string): string | undefined => FIELDS[path.replace(/^purposes\.\d\./, '')]

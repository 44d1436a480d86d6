export const filter = {
  find: 'Найти',
  all: 'Показать всё',
  found: (shown: number, all: number): string => `${shown} из ${all}`,
  none: 'Ничего похожего нет.',
  prompts: 'Найти по словам или имени',
  anyLanguage: 'Любой язык',
  anyRole: 'Любое место',
  roles: {
    disclosure: 'Фраза в начале',
    question: 'Вопрос',
    granted: 'После «да»',
    refused: 'После «нет»',
    system: 'На любой линии',
  },
  anyState: 'Любое состояние',
  people: 'Найти по имени',
  anyPersonRole: 'Любая роль',
}

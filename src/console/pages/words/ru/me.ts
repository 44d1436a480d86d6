export const me = {
  title: 'Я',
  view: 'Вид страниц',
  language: 'Язык',
  theme: 'Оформление',
  themes: { system: 'как в системе', light: 'светлое', dark: 'тёмное' },
  zone: 'Часовой пояс',
  save: 'Сохранить',
}

import type { Words } from '../shape.js'

export const me = {
  title: 'Me',
  view: 'How pages look',
  language: 'Language',
  theme: 'Theme',
  themes: { system: 'as the system', light: 'light', dark: 'dark' },
  zone: 'Time zone',
  save: 'Save',
} satisfies Words['me']

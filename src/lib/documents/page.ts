import type { WrittenLanguage } from '../../core/policy.js'
import { Html, html } from './html.js'
import { STYLE } from './style.js'

/** The foot of each printed page. `%p` stands for the page number, `%n` for the number of pages. */
const PAGE_LABELS: Record<WrittenLanguage, string> = { ru: 'Страница %p из %n', en: 'Page %p of %n' }

/** @returns a CSS string; characters that could end the string are escaped by their code */
const cssString = (text: string): string =>
  `"${text.replaceAll(/[^\p{L}\p{N} .,№-]/gu, character => `\\${character.codePointAt(0)!.toString(16)} `)}"`

/**
 * Makes the beginning of a document. The body follows, then `PAGE_END`.
 *
 * @param title title of the page, also printed at the foot of each page
 */
export function pageStart(title: string, language: WrittenLanguage): Html {
  const [before = '', between = ''] = PAGE_LABELS[language].split(/%p|%n/)
  const foot = `@page {
  @bottom-left { content: ${cssString(title)}; font: 8.5pt 'Liberation Serif', serif; color: #555; }
  @bottom-right { content: ${cssString(before)} counter(page) ${cssString(between)} counter(pages); font: 8.5pt 'Liberation Serif', serif; color: #555; }
}
`
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
${Html.style(STYLE + foot)}
</head>
<body>
`
}

export const PAGE_END = html`</body>
</html>
`

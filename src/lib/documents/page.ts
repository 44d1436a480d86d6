import type { WrittenLanguage } from '../../core/policy.js'
import { Html, html } from './html.js'

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

/**
 * The style of documents. The screen shows an A4 sheet. Printed pages have page numbers and table heads, and do not split a row,
 * a field or a signature. The style loads no script, font or picture.
 */
const STYLE = `
:root { --ink: #111; --soft: #555; --line: #999; }
* { box-sizing: border-box; }
html { background: #e9e9e6; }
body {
  margin: 8mm auto; padding: 20mm 15mm 20mm 25mm; width: 210mm; background: #fff; color: var(--ink);
  box-shadow: 0 1px 6px rgb(0 0 0 / .25);
  font: 10pt/1.3 'PT Serif', 'Liberation Serif', 'Times New Roman', Times, serif;
}
h1, h2 { margin: 0; text-align: center; font-size: 13pt; line-height: 1.3; text-wrap: balance; break-after: avoid; }
h1 .what, h2 .what { display: block; font-weight: normal; }
h3 { margin: 5mm 0 2mm; font-size: 10.5pt; break-after: avoid; }
p { margin: 0 0 3mm; }
.form { width: 82mm; margin: 0 0 6mm auto; font-size: 9pt; line-height: 1.3; color: var(--soft); }
.dateline { display: flex; justify-content: space-between; margin: 5mm 0 4mm; }
.fields { width: 100%; border-collapse: collapse; margin: 3mm 0 4mm; }
.fields th, .fields td { border: .5pt solid var(--line); padding: 1mm 2mm; vertical-align: top; text-align: left; }
.fields tr { break-inside: avoid; }
.fields .n { width: 8mm; text-align: right; font-weight: normal; color: var(--soft); }
.fields .label { width: 47mm; font-weight: normal; }
.fields ul { margin: 0; padding-left: 4.5mm; }
.blank { display: block; min-height: 6mm; border-bottom: .5pt solid var(--ink); }
.note { color: var(--soft); font-size: 9pt; line-height: 1.3; }
.sign { display: grid; grid-template-columns: 1fr 42mm 1fr; gap: 1mm 5mm; margin-top: 8mm; break-inside: avoid; }
.sign .line { border-bottom: .5pt solid var(--ink); min-height: 8mm; align-self: end; display: flex; align-items: end; justify-content: center; text-align: center; }
.sign .hint { font-size: 8.5pt; color: var(--soft); text-align: center; }
.annex { break-before: page; margin-top: 14mm; }
.list { width: 100%; border-collapse: collapse; table-layout: fixed; margin-top: 4mm; font-size: 8pt; line-height: 1.3; }
.list thead { display: table-header-group; }
.list th, .list td { border: .5pt solid var(--line); padding: 1mm 1.4mm; vertical-align: top; text-align: left; overflow-wrap: anywhere; }
.list th { background: #f1f1ee; font-size: 7.5pt; }
.list tr { break-inside: avoid; }
.list .n { text-align: right; color: var(--soft); }
.num { font-variant-numeric: tabular-nums; }
.list .id { padding-top: 1.2mm; }
.id { font: 6.5pt/1.6 'Liberation Mono', 'DejaVu Sans Mono', monospace; white-space: nowrap; }
.keep { break-inside: avoid; }
@page { size: A4; margin: 16mm 15mm 18mm 25mm; }
@media print {
  html { background: none; }
  /* Half of a collapsed border is outside its table. */
  body { margin: 0; padding: 0 .3mm; width: auto; box-shadow: none; }
  .annex { margin-top: 0; }
}
`

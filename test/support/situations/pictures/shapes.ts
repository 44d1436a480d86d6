import type { Mark } from './picture.js'

/** Average width of a letter of a name, px; what a name has around it; what a sign before it takes; and its height. */
const [LETTER, AROUND, SIGN, HEIGHT] = [6.4, 14, 12, 20]

/** Colours on light ground, and on dark one. The contrast of words is 4.5 or more, that of shapes 3 or more. */
const STYLE = `
.ground{fill:#fff;stroke:#d1d9e0}
.rule{stroke:#d1d9e0;fill:none}
text{font:13px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;fill:#1f2328}
.strong{font-size:12px;font-weight:600}
.small{font-size:11px;fill:#59636e}
.middle{text-anchor:middle}
.name{font-size:12px}
.voice{font-size:10.5px;fill:#fff}
.field{fill:#ddf4ff;stroke:#54aeff}
.talks{fill:#0969da}
.on{fill:#fff}
.alone,.rings{fill:none;stroke:#59636e;stroke-width:1.3}
.rings{stroke-dasharray:3 3}
.asked{fill:#fff8c5;stroke:#9a6700;stroke-width:1.3}
.sign{fill:none;stroke:#1f2328;stroke-width:1.5}
.head{fill:#1f2328}
.kept{fill:#b42331}
.left-out{fill:none;stroke:#818b98;stroke-dasharray:4 3}
@media (prefers-color-scheme:dark){
.ground{fill:#0d1117;stroke:#3d444d}
.rule{stroke:#3d444d}
text{fill:#f0f6fc}
.small{fill:#9198a1}
.field{fill:#121d2f;stroke:#1f6feb}
.talks{fill:#1f6feb}
.alone,.rings{stroke:#9198a1}
.asked{fill:#3b2e00;stroke:#d29922}
.sign{stroke:#f0f6fc}
.head{fill:#f0f6fc}
.kept{fill:#c93c46}
.left-out{stroke:#656c76}
}`.trim()

/** A picture of this size, with its title, its ground and its colours. */
export const frame = (width: number, height: number, title: string, shapes: readonly string[]): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style>`,
    boxed('ground', 0.5, 0.5, width - 1, height - 1, 6),
    ...shapes,
    '</svg>',
    '',
  ].join('\n')

/** @param radius of the corners */
export const boxed = (
  name: string,
  x: number,
  y: number,
  width: number,
  height: number,
  radius = 0,
): string =>
  `<rect class="${name}" x="${x}" y="${y}" width="${width}" height="${height}"${radius > 0 ? ` rx="${radius}"` : ''}/>`

/** Lines of text, the first of them at `y`. @param leading from one line to the next, px */
export const text = (x: number, y: number, lines: readonly string[], name: string, leading = 16): string =>
  lines
    .map((line, i) => `<text class="${name}" x="${x}" y="${y + i * leading}">${escaped(line)}</text>`)
    .join('')

const hasSign = (mark: Mark | undefined) => mark === 'asked' || mark === 'tone'

/** How wide the name of a person is with all around it, px. */
export const pillWidth = (person: string, mark?: Mark): number =>
  Math.ceil(person.length * LETTER + AROUND + (hasSign(mark) ? SIGN : 0))

/** The name of a person, in a shape that says what this person hears. @param y of its middle */
export function pill(person: string, x: number, y: number, mark?: Mark): string {
  const width = pillWidth(person, mark)
  const shape = mark === undefined ? 'talks' : mark === 'waits' || mark === 'tone' ? 'alone' : mark
  const before = hasSign(mark) ? SIGN : 0
  return (
    boxed(shape, x, y - HEIGHT / 2, width, HEIGHT, HEIGHT / 2) +
    (mark === 'asked' ? text(x + AROUND / 2 + 3, y + 4, ['?'], 'strong') : '') +
    (mark === 'tone' ? note(x + AROUND / 2 + 4, y) : '') +
    text(
      x + before + (width - before) / 2,
      y + 4,
      [person],
      mark === undefined ? 'name middle on' : 'name middle',
    )
  )
}

/** A note, drawn: not every font has one. */
const note = (x: number, y: number): string =>
  `<ellipse class="head" cx="${x}" cy="${y + 4}" rx="2.6" ry="2"/><path class="sign" d="M${x + 2} ${y + 4}v-9l4 -1.4"/>`

/** A text in lines of at most so many letters, broken between words. */
export function linesOf(words: string, letters: number): string[] {
  const lines: string[] = []
  for (const word of words.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= letters)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

export const escaped = (words: string): string =>
  words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

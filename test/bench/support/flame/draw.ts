import { SEPARATOR, type Stacks } from './stacks.js'

/** Width of the picture, height of a row and of the title, px. */
const WIDTH = 1_200
const ROW = 16
const HEAD = 40
/** Narrower boxes are left out, px. */
const MIN_WIDTH = 1
/** Average width of a letter of 11 px, px. */
const LETTER_WIDTH = 6.4

interface Frame {
  name: string
  count: number
  inner: Map<string, Frame>
}

/**
 * A flame graph as SVG: each function stands on its caller, as wide as its share of all samples.
 */
export function drawFlames(stacks: Stacks, title: string): string {
  const root = buildTree(stacks)
  const boxes: string[] = []
  const rows = drawFrame(root, 0, 0, WIDTH / root.count, boxes)
  const height = HEAD + rows * ROW
  const moved = boxes.map(drawBox =>
    drawBox.replace(/y="(\d+)"/g, (_, y: string) => `y="${height - ROW - Number(y)}"`),
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="11">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="8" y="20" font-size="14">${escaped(title)}</text>`,
    ...moved,
    '</svg>',
    '',
  ].join('\n')
}

function buildTree(stacks: Stacks): Frame {
  const root: Frame = { name: 'all', count: 0, inner: new Map() }
  for (const [stack, count] of stacks) {
    root.count += count
    let frame = root
    for (const name of stack.split(SEPARATOR)) {
      const inner = frame.inner.get(name) ?? { name, count: 0, inner: new Map() }
      frame.inner.set(name, inner)
      inner.count += count
      frame = inner
    }
  }
  return root
}

/** Adds the boxes of `frame` and of everything above it. Rows count from below. @returns how many rows they take */
function drawFrame(frame: Frame, x: number, row: number, scale: number, boxes: string[]): number {
  boxes.push(box(frame, x, row, scale))
  let at = x
  let rows = 1
  for (const inner of [...frame.inner.values()].sort((a, b) => b.count - a.count)) {
    const width = inner.count * scale
    if (width >= MIN_WIDTH) rows = Math.max(rows, 1 + drawFrame(inner, at, row + 1, scale, boxes))
    at += width
  }
  return rows
}

function box({ name, count }: Frame, x: number, row: number, scale: number): string {
  const width = count * scale
  const letters = Math.floor((width - 4) / LETTER_WIDTH)
  const shown = name.length <= letters ? name : `${name.slice(0, letters - 1)}…`
  const text = letters < 3 ? '' : `<text x="2" dy="12">${escaped(shown)}</text>`
  const share = ((100 * width) / WIDTH).toFixed(1)
  return (
    `<svg x="${x.toFixed(1)}" y="${row * ROW}" width="${width.toFixed(1)}" height="${ROW - 1}">` +
    `<title>${escaped(name)}: ${share} %</title><rect width="100%" height="100%" fill="${colour(name)}"/>${text}</svg>`
  )
}

/** @returns a warm colour, always the same for a name */
function colour(name: string): string {
  let hash = 0
  for (const letter of name) hash = (hash * 31 + letter.charCodeAt(0)) % 1_000
  return `hsl(${10 + (hash % 45)} 85% ${68 + (hash % 7) * 2}%)`
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

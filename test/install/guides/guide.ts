import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../../../src/lib/process/project.js'

/** Pages whose commands are run by a test, with the folder of that test below test/install. */
export const GUIDES = {
  'install-containers.md': 'compose',
  'install.md': 'machine',
  'operate.md': 'machine',
} as const

export type Page = keyof typeof GUIDES

/** A block between fences in a page, with the heading above it. */
export interface Block {
  heading: string
  /** What stands behind the opening fence: `sh` for commands, else a language and the word `example`. */
  info: string
  text: string
}

/** The blocks of a page in their order. */
export function blocksOf(page: string): Block[] {
  let heading = ''
  return [...page.matchAll(/^#+ (.*)$|^```(.*)\n([\s\S]*?)^```$/gm)].flatMap(([, title, info, text]) => {
    if (title !== undefined) heading = title
    return info === undefined || text === undefined ? [] : [{ heading, info, text }]
  })
}

/** Whether a test runs a block. All others are examples of files and output, and say so. */
export const isRun = ({ info }: Block): boolean => info === 'sh'

/** The commands of a page, which a test takes one by one. */
export interface Guide {
  /** Takes the next block of commands below a heading out of the page. @throws Error if there is none */
  take(heading: string): string
  /** The headings of the blocks that nobody took. */
  untaken(): string[]
}

/** Opens a page below docs/. */
export function openGuide(page: Page): Guide {
  const blocks = blocksOf(readFileSync(join(projectRoot(), 'docs', page), 'utf8')).filter(isRun)
  const taken = new Set<Block>()
  return {
    take(heading) {
      const block = blocks.find(one => one.heading === heading && !taken.has(one))
      if (!block) throw new Error(`docs/${page} has no further block of commands below "${heading}"`)
      taken.add(block)
      return block.text
    },
    untaken: () => blocks.filter(one => !taken.has(one)).map(({ heading }) => heading),
  }
}

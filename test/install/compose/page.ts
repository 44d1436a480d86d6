import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../../../src/process/project.js'

/** A block of commands in a page, with the heading above it. */
export interface Block {
  heading: string
  commands: string
}

/** The blocks of a page that are marked as `sh`, in their order. Blocks of other kinds are examples of files and output. */
export function blocksOf(text: string): Block[] {
  let heading = ''
  return [...text.matchAll(/^#+ (.*)$|^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, title, commands]) => {
    if (title !== undefined) heading = title
    return commands === undefined ? [] : [{ heading, commands }]
  })
}

const page = blocksOf(readFileSync(join(projectRoot(), 'docs', 'install-containers.md'), 'utf8'))
const taken = new Set<Block>()

/** Takes the next block below a heading out of the page. @throws Error if there is none */
export function take(heading: string): string {
  const block = page.find(one => one.heading === heading && !taken.has(one))
  if (!block)
    throw new Error(`docs/install-containers.md has no further block of commands below "${heading}"`)
  taken.add(block)
  return block.commands
}

/** The headings of the blocks that nobody took. */
export const untaken = (): string[] => page.filter(one => !taken.has(one)).map(({ heading }) => heading)

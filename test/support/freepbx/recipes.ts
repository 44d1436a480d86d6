import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../../../src/lib/process/project.js'
import { type Block, blocksOf } from '../../install/guides/guide.js'

/** What a block of the page is marked with that a test runs. */
const RUN = 'ini run'

/** All blocks of docs/install-freepbx.md. */
export const freepbxBlocks = (): Block[] =>
  blocksOf(readFileSync(join(projectRoot(), 'docs', 'install-freepbx.md'), 'utf8'))

/** The dialplan that docs/install-freepbx.md has operators write, as one text. */
export const freepbxRecipes = (): string =>
  freepbxBlocks()
    .filter(({ info }) => info === RUN)
    .map(({ text }) => text)
    .join('\n')

/** Blocks that no test runs and that do not say that they are examples. */
export const unrunBlocks = (): Block[] =>
  freepbxBlocks().filter(({ info }) => info !== RUN && !/^\w+ example$/.test(info))

// `npm run pictures`: draws the pictures of docs/parties.md anew. A test compares them with what is drawn.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { prepare } from './prepare.js'

const { root } = await prepare()
const drawn = join(root, 'dist', 'test', 'support', 'situations', 'pictures', 'files.js')
const { FOLDER, pictureFiles } = await import(pathToFileURL(drawn).href)
mkdirSync(join(root, FOLDER), { recursive: true })
for (const [name, svg] of pictureFiles()) writeFileSync(join(root, FOLDER, name), svg)

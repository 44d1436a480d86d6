// `npm run docs`: builds what is missing or out of date, then writes what follows from the code into the documents.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { prepare } from './prepare.js'

const { root } = await prepare()
const { main } = await import(
  pathToFileURL(join(root, 'dist', 'packaging', 'build', 'write-reference.js')).href
)
await main()

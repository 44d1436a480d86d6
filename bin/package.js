// `npm run package`: builds what is missing or out of date, then the packages for Debian and npm.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { prepare } from './prepare.js'

const { root } = await prepare()
const { main } = await import(pathToFileURL(join(root, 'dist', 'packaging', 'build', 'main.js')).href)
process.exitCode = await main(process.argv.slice(2))

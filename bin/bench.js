// `npm run bench -- NAME`: prepares what a benchmark needs, then runs it. `--json` prints one JSON document and nothing
// else on standard output (npm's own two lines go with `npm run -s bench`); `--full` runs the stated size.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { prepare } from './prepare.js'

const { root } = await prepare()
const { main } = await import(pathToFileURL(join(root, 'dist', 'test', 'bench', 'main.js')).href)
process.exitCode = await main(process.argv.slice(2))

// `npm run test:fault`: prepares what the long form of the fault tests needs, then runs it. `--json` prints one JSON
// document and nothing else on standard output (npm's own two lines go with `npm run -s test:fault`).
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { prepare } from './prepare.js'

const { root } = await prepare()
const { main } = await import(pathToFileURL(join(root, 'dist', 'test', 'support', 'faults', 'main.js')).href)
process.exitCode = await main(process.argv.slice(2))

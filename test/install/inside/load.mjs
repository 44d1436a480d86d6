// Callers of line 101 who say yes: load.mjs CALLS MILLISECONDS. It fails if a call is dropped.
import { startLoad } from '../../../dist/lab/load/start-load.js'

const [calls, holdMs] = process.argv.slice(2).map(Number)
const callers = { sip: '127.0.0.1:5060', number: '101', rate: 2, ports: [20_000, 24_000] }
const load = await startLoad({ ...callers, calls, holdMs, key: '1', keyAfterMs: 3_000 })
await load.waitUntilDone()

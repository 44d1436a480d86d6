import { createLog } from '../../../src/lib/log.js'
import { startLog } from '../../../src/log/start-log.js'

// A service's transparency log as a process that a test kills: `node log-child.js URL SETTINGS`.

const [url, settings] = process.argv.slice(2)
startLog(JSON.parse(settings!), url!, createLog('silent'))

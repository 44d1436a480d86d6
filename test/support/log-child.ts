import { startLog } from '../../src/journal/log/start-log.js'
import { createLog } from '../../src/shared/log.js'

// A service's log in a process of its own, to be killed: `node log-child.js URL SETTINGS`.

const [url, settings] = process.argv.slice(2)
startLog(JSON.parse(settings!), url!, createLog('silent'))

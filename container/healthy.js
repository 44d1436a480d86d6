// Whether a process of the image does its work, for the health checks of containers. Exits 0 if it does; otherwise 1, and says why.
// usage: node healthy.js service | console | keeper
import { connect } from 'node:net'

/** How long an answer may take, ms. A health check has 5 s. */
const LIMIT_MS = 4_000

const { env } = process
const consoleAddress = () => new URL(`tcp://${env.CONSENTRY_CONSOLE || '127.0.0.1:8081'}`)

const checks = {
  /** The service says itself whether each part works that calls and recordings need. */
  async service() {
    const url = `http://${env.CONSENTRY_HTTP || '127.0.0.1:8080'}/readyz`
    const answer = await fetch(url, { signal: AbortSignal.timeout(LIMIT_MS) })
    if (!answer.ok) throw new Error(await answer.text())
  },
  console: () => {
    const { hostname, port } = consoleAddress()
    return accepts({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) })
  },
  keeper: () => accepts({ path: env.CONSENTRY_KEEPER_SOCKET }),
}

/** Resolves if something accepts a connection there. */
const accepts = where =>
  new Promise((resolve, reject) => {
    const socket = connect(where, () => resolve(socket.destroy()))
    socket.setTimeout(LIMIT_MS, () => socket.destroy(new Error('no answer')))
    socket.once('error', reject)
  })

const [name] = process.argv.slice(2)
try {
  await checks[name]()
} catch (error) {
  process.stdout.write(`${name}: ${error.message}\n`)
  process.exitCode = 1
}

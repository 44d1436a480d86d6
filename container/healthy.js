// Whether a process of the image does its work, for the health checks of containers. Exits 0 if it does; otherwise 1, and says why.
// usage: node healthy.js service | console | keeper
import { readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'

/** How long an answer may take, ms. A health check has 5 s, that of the keeper 10 s. */
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
  /**
   * The keeper hangs up on whoever says nothing for two seconds. One that does not hangs itself: it is killed, so that its container starts
   * again, because Asterisk would hang when it writes to the keeper's pipes. The service, in another container, cannot kill it.
   */
  async keeper() {
    const path = env.CONSENTRY_KEEPER_SOCKET
    // One silence may be that of a machine that stood still.
    if ((await hangsUp(path)) || (await hangsUp(path))) return
    for (const pid of readdirSync('/proc').filter(isKeeper)) process.kill(Number(pid), 'SIGKILL')
    throw new Error('it hung, and was killed')
  },
}

/** Resolves if something accepts a connection there. */
const accepts = where =>
  new Promise((resolve, reject) => {
    const socket = connect(where, () => resolve(socket.destroy()))
    socket.setTimeout(LIMIT_MS, () => socket.destroy(new Error('no answer')))
    socket.once('error', reject)
  })

/** Whether the other side ends a connection. @throws Error if nobody listens */
const hangsUp = path =>
  new Promise((resolve, reject) => {
    const socket = connect(path)
    const timer = setTimeout(() => {
      socket.destroy()
      resolve(false)
    }, LIMIT_MS)
    socket.once('error', reject)
    socket.once('close', () => {
      clearTimeout(timer)
      resolve(true)
    })
    socket.resume()
  })

const isKeeper = pid => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('consentry keeper')
  } catch {
    return false
  }
}

const [name] = process.argv.slice(2)
try {
  await checks[name]()
} catch (error) {
  process.stdout.write(`${name}: ${error.message}\n`)
  process.exitCode = 1
}

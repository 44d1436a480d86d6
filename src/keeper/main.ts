/**
 * The keeper: the only reader of the pipes to which Asterisk writes audio. It outlives the service, so that a restart
 * loses no audio and no caller waits in silence. It reads its settings as JSON from standard input and prints one line
 * of JSON to standard output, `{"ok":true}` or `{"error":"…"}`. After that it writes nothing there.
 */
import { access, writeFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { Keeper, TICK_INTERVAL } from './keeper.js'
import { defaultLimits, type Limits } from './limits.js'
import { listen } from './listen.js'
import { type KeeperSettings, pidFile } from './protocol.js'

process.title = 'consentry keeper'
process.umask(0o077)

async function main(): Promise<void> {
  const settings = parseSettings(await text(process.stdin))
  let keeper: Keeper | undefined
  let ending = false
  const server = await listen(settings.socket, socket => {
    if (keeper) keeper.accept(socket)
    else socket.destroy()
  })
  if (!server) return report({ ok: true, running: true })
  // A full disk must not keep the keeper from starting.
  await writeFile(pidFile(settings.socket), `${process.pid}\n`).catch(() => {})

  const end = async (): Promise<void> => {
    if (ending) return
    ending = true
    server.close()
    try {
      await keeper?.end()
    } finally {
      process.exit()
    }
  }
  try {
    keeper = await Keeper.start(settings, end)
  } catch (error) {
    server.close()
    throw error
  }
  process.on('SIGTERM', end)
  process.on('uncaughtException', error => dieOf(error, keeper))
  const isLost = watchFile(settings.socket)
  setInterval(() => {
    keeper.tick()
    // Without its socket file no service can find this keeper.
    if (isLost() && !keeper.hasService) void end()
  }, TICK_INTERVAL)
  report({ ok: true })
}

/** Parses the settings of a keeper. @throws Error that names the wrong setting, but never its value */
function parseSettings(text: string): KeeperSettings & { limits: Limits } {
  const value = JSON.parse(text) as Partial<KeeperSettings>
  const { tapDir, socket, ari, limits } = value
  for (const [name, path] of Object.entries({ tapDir, socket })) {
    if (typeof path !== 'string' || !path.startsWith('/')) throw new Error(`${name} is not an absolute path`)
  }
  for (const name of ari ? (['url', 'username', 'password', 'app'] as const) : []) {
    if (typeof ari?.[name] !== 'string') throw new Error(`ari.${name} is missing`)
  }
  // Without the heartbeat, the keeper could not tell whether another service serves the callers.
  if (ari && (typeof ari.beat?.variable !== 'string' || typeof ari.beat.id !== 'string'))
    throw new Error('ari.beat is missing')
  return {
    tapDir: tapDir!,
    socket: socket!,
    ...(ari && { ari }),
    limits: { ...defaultLimits, ...limits },
  }
}

/**
 * Makes a function that returns whether a file was missing at the last check, and starts the next check. The function
 * never waits for the disk.
 */
function watchFile(path: string): () => boolean {
  let missing = false
  let checking = false
  return () => {
    if (!checking) {
      checking = true
      access(path)
        .then(
          () => false,
          () => true,
        )
        .then(found => {
          missing = found
          checking = false
        })
    }
    return missing
  }
}

/**
 * Ends this process at once after an uncaught error. The pipes stay, so that the next keeper continues to read. Only
 * the kind and the place of the error are reported, because its message may quote data from the PBX.
 */
function dieOf(error: unknown, keeper: Keeper | undefined): void {
  const { name, stack = '' } = error instanceof Error ? error : { name: typeof error }
  const [, place = 'an unknown place'] = /\/(src\/keeper\/[\w-]+\.[jt]s:\d+)/.exec(stack) ?? []
  const text = `the keeper ends: a ${name} at ${place}, which nothing has caught`
  process.stderr.write(`${text}\n`)
  keeper?.tell(text)
  process.exit(1)
}

function report(outcome: object): void {
  process.stdout.write(`${JSON.stringify(outcome)}\n`)
}

main().catch((error: Error) => {
  report({ error: error.message })
  process.exitCode = 1
})

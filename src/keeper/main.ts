/**
 * The keeper: the only reader of the pipes into which Asterisk writes recorded calls. It outlives the service, so that
 * a restart loses no audio and no caller is left in silence. It takes its settings as JSON on standard input, prints
 * one line of JSON on standard output, `{"ok":true}` or `{"error":"…"}`, and never writes anything again.
 */
import { existsSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { Keeper, TICK } from './keeper.js'
import { listen } from './listen.js'
import { parseSettings } from './settings.js'

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
  setInterval(() => {
    keeper.tick()
    // Without its socket no service can ever find it.
    if (!existsSync(settings.socket) && !keeper.hasService) end()
  }, TICK)
  report({ ok: true })
}

function report(outcome: object): void {
  process.stdout.write(`${JSON.stringify(outcome)}\n`)
}

main().catch((error: Error) => {
  report({ error: error.message })
  process.exitCode = 1
})

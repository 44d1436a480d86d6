// This room is the console: a process of its own beside the service, so that a crash of it ends no call. Its API calls the same
// operations as the command. `guard.ts` decides who may do what, and journals each request.

import { listenAt } from '../http/listen-at.js'
import { originOfLinks } from '../operations/people/console-address.js'
import { awaitFirstUser, type FirstUser } from '../operations/people/first-user.js'
import { endOnFault, stopSignal } from '../process/faults.js'
import { consoleApp } from './app.js'
import type { ConsoleDeps } from './deps.js'

/** Runs the console until it is told to stop (SIGTERM or SIGINT). @throws AppError `config.invalid` if the system refuses the address */
export async function serveConsole(deps: ConsoleDeps): Promise<void> {
  process.title = 'consentry console'
  const { log, config } = deps
  endOnFault(log)
  const firstUser = await awaitFirstUser(deps)
  const app = await consoleApp({ ...deps, firstUser })
  const url = await listenAt(app, config.console!, 'CONSENTRY_CONSOLE')
  log.info({ url }, 'the console is ready')
  if (firstUser) tellFirstAddress(originOfLinks(config), firstUser)
  const reason = await stopSignal()
  log.info({ reason }, 'the console stops')
  await app.close()
}

/**
 * Tells whoever starts the service how to get in. The secret follows `#`, which a browser sends to nobody. It is on standard output, not
 * in our log; whoever keeps standard output, as systemd does, keeps it too.
 */
function tellFirstAddress(origin: string, { secret }: FirstUser): void {
  process.stdout.write(
    `Nobody can sign in to the console yet. Open this address within 30 minutes:\n${origin}/setup#${secret.reveal()}\n`,
  )
}

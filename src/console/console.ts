// The console is a process beside the service, so that its crash does not end a call. Its API calls the same deeds
// as the command. `guard.ts` checks the rights, and journals each request.

import { awaitFirstUser, type FirstUser } from '../accounts/first-user.js'
import { originOfLinks } from '../accounts/invitations.js'
import { listenAt } from '../lib/http/listen-at.js'
import { endOnFault, stopSignal } from '../lib/process/faults.js'
import { consoleApp } from './app.js'
import type { ConsoleDeps } from './deps.js'

/** Runs the console until SIGTERM or SIGINT. @throws AppError `config.invalid` if the system refuses the address */
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
 * Prints the first address for the administrator. The secret follows `#`, which a browser does not send. It goes to
 * standard output and not to the log. A program that stores standard output, such as systemd, stores it too.
 */
function tellFirstAddress(origin: string, { secret }: FirstUser): void {
  process.stdout.write(
    `Nobody can sign in to the console yet. Open this address within 30 minutes:\n${origin}/setup#${secret.reveal()}\n`,
  )
}

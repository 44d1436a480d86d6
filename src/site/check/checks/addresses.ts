import { once } from 'node:events'
import { createServer } from 'node:net'
import { words } from '../../../core/words.js'
import { type Check, type Fault, faultsOr, sound } from '../check.js'

/** Whether the service can listen at its configured addresses. A running service already uses them. */
export const addresses: Check = {
  name: 'addresses',
  title: words('Addresses', 'Адреса'),
  async look(site) {
    const { http, console } = site.config()
    if (await site.service()) return sound('The service listens.', 'Служба принимает соединения.')
    const wanted = [
      { setting: 'CONSENTRY_HTTP', at: http },
      ...(console ? [{ setting: 'CONSENTRY_CONSOLE', at: console }] : []),
    ]
    const found = await Promise.all(wanted.map(async one => [...(await refusal(one))]))
    return faultsOr(found.flat(), sound('The addresses are free.', 'Адреса свободны.'))
  },
}

interface Wanted {
  setting: string
  at: { host: string; port: number }
}

async function refusal({ setting, at: { host, port } }: Wanted): Promise<Fault[]> {
  const server = createServer()
  try {
    server.listen(port, host)
    await once(server, 'listening')
    return []
  } catch (error) {
    return [cannotListen(setting, `${host}:${port}`, (error as NodeJS.ErrnoException).code)]
  } finally {
    server.close()
  }
}

const cannotListen = (setting: string, address: string, code = 'failed'): Fault =>
  code === 'EADDRINUSE'
    ? {
        found: words(
          `Another program listens at ${address}.`,
          `На адресе ${address} уже работает другая программа.`,
        ),
        setting,
        remedy: words('End it, or give another port.', 'Остановите её или укажите другой порт.'),
      }
    : {
        found: words(
          `This machine cannot listen at ${address} (${code}).`,
          `На адресе ${address} принимать соединения нельзя (${code}).`,
        ),
        setting,
        remedy: words('Give an address of this machine.', 'Укажите адрес этой машины.'),
      }

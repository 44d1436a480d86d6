import type { Test } from 'tap'
import { systemClock } from '../../../src/core/clock.js'
import { AppError } from '../../../src/core/errors.js'
import { type AskingCalls, inCallAsker } from '../../../src/socket/ask-in-call.js'
import { listenForRequests, type RequestHandlers } from '../../../src/socket/listen.js'
import { serviceSocket } from '../../../src/socket/protocol.js'
import { silent } from './database.js'

const refuse = async () => {
  throw new AppError('request.invalid', 'this test does not answer it')
}

/** Handlers of the service socket: those given; the others refuse. */
export const socketHandlers = (given: Partial<RequestHandlers>): RequestHandlers => ({
  ...{
    ring: refuse,
    record: refuse,
    'add-recipients': refuse,
    'inspect-pbx': refuse,
    ask: refuse,
    report: refuse,
    'probe-tap': refuse,
  },
  ...given,
})

/** Listens at the service socket of a data folder until the test ends. It only answers who wants a caller asked. @param ask what comes of it */
export async function answerAsks(t: Test, data: string, ask: AskingCalls['ask']): Promise<void> {
  const listener = await listenForRequests(serviceSocket(data), {
    handlers: socketHandlers({ ask: inCallAsker({ ask }) }),
    ...{ clock: systemClock, log: silent },
  })
  t.teardown(() => listener.stop())
}

import { AppError } from '../../../src/shared/errors.js'
import type { RequestHandlers } from '../../../src/socket/listen.js'

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

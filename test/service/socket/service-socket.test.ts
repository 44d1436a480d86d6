// Real: the service socket, its clients, the disk. Fake: what the service does for a request.
import { once } from 'node:events'
import { chmod, mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { systemClock } from '../../../src/core/clock.js'
import { AppError } from '../../../src/core/errors.js'
import type { DraftId, TrialId } from '../../../src/core/ids.js'
import { askService } from '../../../src/socket/ask-service.js'
import { listenForRequests, type RequestHandlers } from '../../../src/socket/listen.js'
import { MAX_LINE, type RingRequest, serviceSocket } from '../../../src/socket/protocol.js'
import { scratch, silent } from '../../support/processes/database.js'
import { socketHandlers } from '../../support/processes/socket-handlers.js'
import { whenClosed } from '../../support/processes/when-closed.js'

const request: RingRequest = {
  ...{ do: 'ring', draft: '6f9619ff-8b86-4d01-b42d-00c04fc964ff' as DraftId, revision: 1 },
  ...{ endpoint: 'PJSIP/anna', by: 'anna', way: 'console' },
}
const trial = 'a trial' as TrialId
const UNAVAILABLE = { code: 'service.unavailable' }

/** Listens in a new data folder. @returns the folder */
async function listening(t: Test, ring: RequestHandlers['ring'] = async () => ({ trial })) {
  const data = join(await scratch(t), 'data')
  const deps = { handlers: socketHandlers({ ring }), clock: systemClock, log: silent }
  const listener = await listenForRequests(serviceSocket(data), deps)
  t.teardown(() => listener.stop())
  return { data, listener, deps }
}

/** A client that does not keep to the protocol. @returns what it reads until it is disconnected */
async function odd(data: string, send: (socket: Socket) => void): Promise<string> {
  const socket = connect(serviceSocket(data))
  let read = ''
  socket.on('data', chunk => {
    read += chunk
  })
  socket.on('error', () => {})
  send(socket)
  await whenClosed(socket)
  return read
}

t.test('a request is answered, and so is an error, with its words', async t => {
  const seen: RingRequest[] = []
  const { data } = await listening(t, async one => {
    seen.push(one)
    if (one.by === 'maria') throw new AppError('ring.limited', 'try again in 5 s')
    if (one.by === 'boris') throw new Error('secret of a library')
    if (one.by === 'vera') return { trial: 1n as unknown as TrialId }
    return { trial }
  })
  t.strictSame(await askService(data, request), { trial })
  await t.rejects(askService(data, { ...request, by: 'maria' }), { code: 'ring.limited', message: /5 s/ })
  await t.rejects(askService(data, { ...request, by: 'boris' }), { ...UNAVAILABLE, message: /its log/ })
  await t.rejects(askService(data, { ...request, by: 'vera' }), UNAVAILABLE, 'JSON cannot express the result')
  t.strictSame(seen[0], request)
})

t.test('hostile and hanging clients are disconnected, and others are served meanwhile', async t => {
  let rung = 0
  const { data } = await listening(t, async () => {
    rung += 1
    return { trial }
  })
  const line = JSON.stringify(request)
  const hanging = [
    odd(data, () => {}),
    odd(data, socket => socket.write(line)),
    odd(data, socket => socket.end()),
  ]
  t.match(await odd(data, socket => socket.write('GET / HTTP/1.1\r\n\r\n')), /request\.invalid/)
  t.match(await odd(data, socket => socket.write(Buffer.alloc(MAX_LINE * 4, 0xff))), /too long/)
  t.match(await odd(data, socket => socket.write('\0\n')), /request\.invalid/)
  t.strictSame(await askService(data, request), { trial })
  t.match(await odd(data, socket => socket.write(`${line}\n${line}\n${line}\n`)), /a trial/)
  t.equal(rung, 2, 'one request for each connection')
  const left = odd(data, socket => socket.write(`${line}\n`, () => socket.destroy()))
  t.strictSame(
    [...(await Promise.all([...hanging, left]))].join(''),
    '',
    'nobody gets what was not asked for',
  )
})

t.test('more clients than may come at once are turned away, and calls do not need the socket', async t => {
  const { data } = await listening(t)
  const many = Array.from({ length: 8 }, () => {
    const socket = connect(serviceSocket(data))
    socket.on('error', () => {})
    return socket
  })
  await Promise.all(many.map(socket => once(socket, 'connect')))
  await t.rejects(askService(data, request), UNAVAILABLE)
  for (const socket of many) socket.destroy()
  const served = async () => (await askService(data, request).catch(() => undefined)) !== undefined
  while (!(await served()));
})

t.test('without a service the error says what to do', async t => {
  const data = join(await scratch(t), 'data')
  const gone = { ...UNAVAILABLE, message: /start consentry serve with the same CONSENTRY_DATA/ }
  await t.rejects(askService(data, request), gone)
  await mkdir(dirname(serviceSocket(data)), { recursive: true, mode: 0o700 })
  await t.rejects(askService(data, request), gone)
  await writeFile(serviceSocket(data), 'no socket')
  await t.rejects(askService(data, request), gone)
})

t.test('a service that stops answers nobody any more, and the next one replaces its socket', async t => {
  let begun = () => {}
  const started = new Promise<void>(resolve => {
    begun = resolve
  })
  const { data, listener, deps } = await listening(t, () => {
    begun()
    return new Promise(() => {})
  })
  const asked = t.rejects(askService(data, request), {
    ...UNAVAILABLE,
    message: /may do what was asked nevertheless/,
  })
  await started
  await listener.stop()
  await asked
  // A service that was killed leaves its socket.
  await writeFile(serviceSocket(data), '')
  const next = await listenForRequests(serviceSocket(data), {
    ...deps,
    handlers: socketHandlers({ ring: async () => ({ trial }) }),
  })
  t.teardown(() => next.stop())
  t.strictSame(await askService(data, request), { trial })
})

t.test('a folder that others may enter is used by neither side', async t => {
  const { data, listener, deps } = await listening(t)
  const folder = dirname(serviceSocket(data))
  t.equal((await stat(folder)).mode & 0o777, 0o700, 'nobody else may enter it')
  await listener.stop()
  await chmod(folder, 0o755)
  const open = await listenForRequests(serviceSocket(data), deps)
  t.teardown(() => open.stop())
  t.strictSame(await readdir(folder), [], 'it does not listen')
  await t.rejects(askService(data, request), { ...UNAVAILABLE, message: /mode 0700/ })
})

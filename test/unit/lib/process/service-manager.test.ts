// Real: what the service tells its manager, timers. Fake: systemd, as a list of what it is told.
import t from 'tap'
import { createLog } from '../../../../src/lib/log.js'
import { serviceManager } from '../../../../src/lib/process/service-manager.js'
import { until } from '../../../support/processes/database.js'

const silent = createLog('silent')

/** A manager that notes what it is told. */
function manager(env: Record<string, string>) {
  const told: string[][] = []
  const notify = async (socket: string, states: readonly string[]) => void told.push([socket, ...states])
  return { told, manager: serviceManager(env, notify)(silent) }
}

t.test('systemd is told that the service is ready, what it does, and that it stops', async t => {
  const { told, manager: systemd } = manager({ NOTIFY_SOCKET: '/run/notify' })
  systemd.ready('ready; waiting for the PBX')
  systemd.status('ready for calls')
  systemd.stopping()
  t.strictSame(told, [
    ['/run/notify', 'READY=1', 'STATUS=ready; waiting for the PBX'],
    ['/run/notify', 'STATUS=ready for calls'],
    ['/run/notify', 'STOPPING=1'],
  ])
})

t.test('the watchdog is fed three times within its time, and only while the service works', async t => {
  const { told, manager: systemd } = manager({ NOTIFY_SOCKET: '/run/notify', WATCHDOG_USEC: '3000' })
  let works: () => Promise<boolean> = async () => true
  const feeding = systemd.feedWatchdogWhile(() => works())
  t.teardown(() => feeding.stop())
  await until(() => told.length > 2)
  t.strictSame(told[0], ['/run/notify', 'WATCHDOG=1'])

  let asked = 0
  works = async () => ++asked < 0
  await until(() => asked > 2)
  const fed = told.length
  await until(() => asked > 5)
  t.equal(told.length, fed, 'a service that does not work feeds nothing')

  let pending = 0
  works = () => {
    pending++
    return new Promise(() => {})
  }
  await until(() => pending === 1)
  t.equal(told.length, fed, 'nor does one that is asked and does not answer')
})

t.test('without systemd, or without a watchdog, nothing is told', async t => {
  const without = manager({})
  without.manager.ready('ready')
  without.manager.feedWatchdogWhile(async () => t.fail('it is not asked')).stop()
  const unwatched = manager({ NOTIFY_SOCKET: '/run/notify' })
  unwatched.manager.feedWatchdogWhile(async () => t.fail('it is not asked')).stop()
  t.strictSame([without.told, unwatched.told], [[], []])
})

t.test('a manager that cannot be told is logged once, until it can be told again', async t => {
  const logged: string[] = []
  const log = { error: (_: object, message: string) => logged.push(message) } as never
  let fails = true
  const notify = async () => {
    if (fails) throw new Error('no such file')
  }
  const systemd = serviceManager({ NOTIFY_SOCKET: '/run/notify' }, notify)(log)
  for (fails of [true, true, false, true]) {
    systemd.status('x')
    await new Promise(resolve => setImmediate(resolve))
  }
  t.equal(logged.length, 2)
})

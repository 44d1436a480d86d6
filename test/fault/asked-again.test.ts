// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL. Fake: none.
// The service is killed, or told to stop, while somebody is asked in the conversation.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { tone } from '../../lab/audio/signals.js'
import { exactly } from '../support/assertions/exactly.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { pressInDisclosure } from '../support/lab/caller-actions.js'
import { killAndRestart, shortLine } from '../support/lab/fault-lab.js'
import { PlacedCall } from '../support/lab/placed-call.js'

const TOKEN = 'a-token-of-the-test-of-restarts'
const site = await startCallLab(t, {
  env: { CONSENTRY_API_TOKEN: TOKEN },
  lines: [shortLine('308', { waitMs: 20_000 })],
})

const ask = async (call: string): Promise<number> => {
  const headers = { authorization: `Bearer ${TOKEN}` }
  return (await fetch(`${site.lab.ready.http}/api/calls/${call}/ask`, { method: 'POST', headers })).status
}
/** How often a question is asked for after a restart, and every how many ms. */
const [MOST_TRIES, TRY_MS] = [30, 1_000]
const inConversation = (event: Record<string, unknown>) => event['inConversation'] === true

for (const signal of ['SIGKILL', 'SIGTERM'] as const)
  t.test(`a question in the conversation ends with the service (${signal}), and is never a yes`, async t => {
    const placed = await PlacedCall.place(site, { number: '308' })
    await placed.caller.waitForAnswer()
    await pressInDisclosure('2')(placed)
    await placed.waitForAgent()
    const { id } = (await placed.read())!
    t.equal(await ask(id), 200)
    await placed.waitForEvent('consent.asked', inConversation)
    await killAndRestart(site, signal)
    await placed.caller.press('1')
    const before = (await placed.read())!
    t.notOk(before.events.some(({ type, answer }) => type === 'consent.answered' && answer === 'granted'))
    t.strictSame(before.recordings, [])
    // What the service before was saying may still be there, which ends the next question with a fault.
    const asked = async () =>
      (await placed.read())!.events.filter(one => one.type === 'consent.asked' && inConversation(one))
    for (let tries = 0; (await asked()).length < 2 && tries < MOST_TRIES; tries++) {
      await ask(id)
      await sleep(TRY_MS)
    }
    await placed.caller.press('1')
    await placed.waitForEvent('consent.answered', one => inConversation(one) && one['answer'] === 'granted')
    await placed.waitForEvent('recording.prepared')
    await placed.caller.say(tone([700], 7_000))
    t.match(await placed.finish(), { decision: 'granted', recordings: exactly({ state: 'finished' }) })
    t.strictSame((await site.verify()).faults, [])
  })

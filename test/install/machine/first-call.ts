import { availableParallelism, loadavg } from 'node:os'
import t from 'tap'
import { Phone } from '../../../lab/phone.js'
import { SAMPLE_RATE } from '../../../src/core/audio.js'
import { waitUntilHeard } from '../../support/assertions/heard-words.js'
import { promptSamples } from '../../support/lab/call-lab.js'
import { NUMBER, outcomeOf, ring } from './calls.js'
import { note, say, secondsOf } from './figures.js'
import type { Machine } from './machine.js'
import { install } from './pages.js'
import { askInDialplan, prepareAsterisk, waitForService } from './pbx.js'

/** Most things that a person types until the first call is verified: one of them says that the shipped prompts are a trial. */
const MOST_TYPED = 9
/** Longest machine time for all of them with a call of ten seconds, s. */
const LONGEST_S = 180
/** How long the first caller talks, ms. */
const TALK_MS = 10_000
/** How long the confirmation takes before, ms. */
const CONFIRMATION_MS = 3_000
/** Bytes of an opened recording in a millisecond: stereo, 16 bits, 8 kHz. */
const WAV_BYTES_PER_MS = 32
/** Longest time until a prompt is heard, ms. */
const HEARD_MS = 60_000
/** Where the person's keys are. */
export const IDENTITY = '/media/keys/identity.json'

const UNITS = ['consentry', 'consentry-keeper', 'consentry-console', 'consentry-migrate']

/** Installs by the page, and makes the first call. */
export function firstCall(machine: Machine): void {
  let seconds = 0
  let typed = 0
  /** Types a block of the page. Each line is a thing typed. */
  const type = async (commands: string): Promise<string> => {
    let printed = ''
    const took = await secondsOf(async () => (printed = await machine.sh(commands)))
    typed += commands.trim().split('\n').length
    seconds += took
    say(`${took.toFixed(1)} s  ${commands.trim().split('\n')[0]}`)
    return printed
  }

  t.test('the package is installed from its file, and starts nothing', async t => {
    await prepareAsterisk(machine)
    await machine.sh('mkdir /media/keys')
    await type(install.take('Install'))
    for (const unit of UNITS) t.notOk(await machine.isActive(unit), `${unit} is not started`)
    t.equal(await machine.sh('stat -c "%a %U %G" /run/consentry/tap'), '2750 consentry asterisk\n')
  })

  t.test('setup finds and changes what is needed, and its checks find nothing wrong', async t => {
    t.match(await type(install.take('Install')), /restart asterisk\n.*consentry check\n$/)
    t.match(await type(install.take('Install')), /Nothing is wrong/)
  })

  t.test('the first call is recorded, verified and opened', async t => {
    await askInDialplan(machine)
    typed += 1
    await type(install.take('Install'))
    await type(install.take('Install'))
    seconds += await secondsOf(async () => {
      const caller = await ring(1, CONFIRMATION_MS + TALK_MS)
      await caller.waitUntilDone()
    })
    t.match(await type(install.take('Install')), /recordings +│ 1 [\s\S]*All holds/)
    note(`typed until the first verified call: ${typed} (at most ${MOST_TYPED})`)
    const [load = 0] = loadavg()
    note(
      `machine time until then: ${seconds.toFixed(0)} s (at most ${LONGEST_S} s), at a load of ${load.toFixed(1)}`,
    )
    t.ok(typed <= MOST_TYPED, `${typed} things typed`)
    // A machine that others use as well says nothing of the time.
    t.ok(seconds <= LONGEST_S || load > 2 * availableParallelism(), `${seconds.toFixed(0)} s`)
    t.match(await outcomeOf(t, machine, { calls: 1, identity: IDENTITY }), { lostSamples: 0, gaps: 0 })
    await machine.sh(install.take('Open a recording'))
    t.ok(
      Number(await machine.sh('stat -c %s talk.wav')) > TALK_MS * WAV_BYTES_PER_MS,
      'both sides, opened by the page',
    )
  })

  t.test('a second run of setup changes nothing, and the check finds nothing wrong', async t => {
    t.match(await machine.sh('consentry setup --yes --keys /media/keys'), /Nothing has to change/)
    await machine.sh('consentry check')
  })

  t.test('a phone is rung, and hears a draft', async t => {
    const phone = await Phone.open()
    t.teardown(() => phone.close())
    await machine.sh(`echo 'CONSENTRY_RING_ENDPOINTS=${phone.endpoint}' >>/etc/consentry/consentry.env
systemctl restart consentry`)
    await waitForService(machine)
    const begun = await machine.sh(`consentry line draft new ${NUMBER} --by anna --json`)
    const { id } = JSON.parse(begun) as { id: string }
    await machine.sh(`consentry line ring ${id} --revision 1 --endpoint '${phone.endpoint}' --by anna`)
    const talk = await phone.answer(await phone.waitForRing())
    const disclosure = promptSamples('en', 'disclosure-key').subarray(0, 2 * SAMPLE_RATE)
    t.ok(await waitUntilHeard(talk.heard, disclosure, HEARD_MS), 'the disclosure is heard')
    await talk.press('1')
    t.match(await talk.waitForEnd(), { by: 'pbx' }, 'it is hung up after the confirmation')
  })

  t.test('the command serves a person who has sudo for it alone', async t => {
    await machine.sh(`useradd --create-home anna && chmod 700 /home/anna
echo 'anna ALL=(root) NOPASSWD: /usr/bin/consentry' >/etc/sudoers.d/anna
install -m 600 -o anna /usr/share/doc/consentry/examples/line.json /home/anna/line.json`)
    const asAnna = (words: string) =>
      machine.sh(`cd /home/anna && runuser -u anna -- sudo consentry ${words}`)
    await asAnna('line set line.json')
    t.match(await asAnna('calls'), /granted.*finished/)
    await asAnna('purge --dry-run')
  })

  t.test('what is due is purged, and nothing else', async t => {
    t.match(await machine.sh(install.take('The purge')), /0/)
    t.match(await machine.sh('consentry verify'), /recordings +│ 1 [\s\S]*All holds/)
  })
}

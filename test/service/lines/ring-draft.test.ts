// Real: the console's server without a socket, PostgreSQL with the console's role, the service socket, trials, the journal. Fake: the PBX,
// the prompts, the recorder.
import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import { Trials } from '../../../src/call/run/trials.js'
import { AppError } from '../../../src/core/errors.js'
import type { ChannelId } from '../../../src/core/ids.js'
import { beginDraft, changeDraft } from '../../../src/lines/drafts/edit-draft.js'
import { lineToRing } from '../../../src/lines/ring-draft.js'
import { listenForRequests } from '../../../src/socket/listen.js'
import { serviceSocket } from '../../../src/socket/protocol.js'
import { person } from '../../support/data/actors.js'
import { startTestJournal, withLongTimeout } from '../../support/data/journal.js'
import { told } from '../../support/data/told-events.js'
import { fakeCallDeps, fakeChannel } from '../../support/fakes/fake-call.js'
import { testConsole } from '../../support/processes/console.js'
import { silent } from '../../support/processes/database.js'
import { socketHandlers } from '../../support/processes/socket-handlers.js'

/** No prompt is recorded here. */
const noRecorder = () => {
  throw new Error('nothing is recorded')
}

const PHONES = { CONSENTRY_RING_ENDPOINTS: 'PJSIP/anna, PJSIP/boris' }
const { app, deps, tokens, serviceUrl } = await testConsole(t, {}, PHONES)
const line = { ...labLines[1]!, number: '700' }
const { id: draft } = await beginDraft(deps, person('anna'), { line: '700', input: line })

const ring = async (body: object = {}, id: string = draft) => {
  const answer = await app.inject({
    ...{ method: 'POST', url: `/api/v1/drafts/${id}/ring` },
    headers: { authorization: tokens.administrator },
    payload: { revision: 1, endpoint: 'PJSIP/anna', ...body },
  })
  return answer.json() as Record<string, unknown>
}

t.test('the phones that may be rung are listed', async t => {
  const headers = { authorization: tokens.administrator }
  const { json } = await app.inject({ url: '/api/v1/ring-endpoints', headers })
  t.strictSame(json(), ['PJSIP/anna', 'PJSIP/boris'])
})

t.test('while the service is away, the answer says so', async t => {
  t.match(await ring(), { status: 503, detail: /start consentry serve/ })
})

t.test('the service rings a phone of its own list, with the draft of the revision that was seen', async t => {
  const { clock } = deps
  const { prompts } = fakeCallDeps(clock).deps
  const journal = withLongTimeout(startTestJournal(t, serviceUrl))
  const trials = new Trials({ prompts, clock, log: silent, journal, gate: { closed: () => undefined } })
  const rung: string[] = []
  let refuses = false
  const pbx = {
    async ring(channel: ChannelId, endpoint: string) {
      rung.push(endpoint)
      if (refuses) throw new AppError('pbx.refused', 'no such phone')
      setImmediate(() => trials.handleChannelFact(channel, { fact: 'hung-up', cause: 19, at: 0 }))
    },
    channel: fakeChannel,
    recorder: noRecorder,
  }
  const listener = await listenForRequests(serviceSocket(deps.config.data), {
    handlers: socketHandlers({
      ring: async request => ({
        trial: await trials.ring({ ...request, policy: await lineToRing(deps, request) }, pbx),
      }),
    }),
    ...{ clock, log: silent },
  })
  t.teardown(() => listener.stop())

  const faults: [object, string, object][] = [
    [{ endpoint: 'PJSIP/boss' }, draft, { status: 422, detail: /These may: PJSIP\/anna, PJSIP\/boris/ }],
    [{ endpoint: '' }, draft, { status: 422 }],
    [{ revision: 2 }, draft, { status: 409, detail: /it is revision 1 now, not 2/ }],
    [{}, '6f9619ff-8b86-4d01-b42d-00c04fc964ff', { status: 404 }],
    [{}, 'x', { status: 422 }],
    [{ revision: 0 }, draft, { status: 400 }],
  ]
  for (const [body, id, expected] of faults) t.match(await ring(body, id), expected, JSON.stringify(body))

  const unasked = await beginDraft(deps, person('anna'), {
    line: '701',
    input: { ...line, number: '701', mode: 'none' },
  })
  t.match(await ring({}, unasked.id), { status: 422, detail: /nothing to hear/ })
  const wrong = await changeDraft(deps, person('anna'), {
    draft: unasked.id,
    revision: 1,
    input: { mode: 'loud' },
  })
  t.match(await ring({ revision: wrong.revision }, unasked.id), {
    status: 422,
    detail: /The draft is not valid/,
  })
  t.strictSame(rung, [], 'no phone is rung')

  const { trial } = await ring()
  t.strictSame(rung, ['PJSIP/anna'])
  const started = await told(deps.db)
    .select(['call_id', 'data'])
    .where('type', '=', 'trial.started')
    .execute()
  t.equal(started.length, 1)
  t.match(started[0], {
    call_id: null,
    data: {
      trial,
      draft,
      revision: 1,
      line: '700',
      by: 'administrator',
      way: 'token',
      endpoint: 'PJSIP/anna',
    },
  })
  refuses = true
  t.match(await ring({ endpoint: 'PJSIP/boris' }), { status: 422, detail: /does not ring PJSIP\/boris/ })
  refuses = false
  t.match(await ring(), { trial: String })
  t.match(await ring(), { status: 429, detail: /At most 3 phones/ })
})

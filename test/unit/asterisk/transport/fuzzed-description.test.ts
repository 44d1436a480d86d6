// Real: ari-client and HTTP. Fake: a PBX with a wrong description or wrong answers.
// Long: ten times as many answers.
import fc from 'fast-check'
import t from 'tap'
import { connectAri } from '../../../../src/asterisk/transport/ari-transport.js'
import { codeOf } from '../../../../src/core/errors.js'
import { Secret } from '../../../../src/core/secret.js'
import { describedAt, INFO_RESOURCE, INFO_RESOURCES } from '../../../support/fakes/ari-description.js'
import { FakePbx } from '../../../support/fakes/fake-pbx.js'
import { hostileValue } from '../../../support/fuzz/hostile-values.js'
import { mutate, mutations, replaceInJson } from '../../../support/fuzz/mutations.js'
import { position } from '../../../support/fuzz/position.js'
import { fuzzRuns, seed } from '../../../support/fuzz/seeded.js'

const documents = { resources: INFO_RESOURCES, resource: INFO_RESOURCE, answer: { system: {} } }

/** The description, its one resource, and an answer; one of them is wrong. */
const odd = fc
  .tuple(
    fc.constantFrom('resources' as const, 'resource' as const, 'answer' as const),
    fc.oneof(fc.tuple(position, hostileValue), mutations),
  )
  .map(([where, how]) => {
    const whole = JSON.stringify(documents[where])
    const changed =
      typeof how[0] === 'number'
        ? replaceInJson(documents[where], how[0], how[1])
        : mutate(Buffer.from(whole), how as Parameters<typeof mutate>[1])
    return { where, changed }
  })

t.test(
  `a PBX with a wrong description or wrong answers causes errors and no crash (seed ${seed})`,
  async t => {
    const pbx = await FakePbx.start(t)
    const all = fc.sample(odd, fuzzRuns(120, 1_200))
    let now = all[0]!
    pbx.requestHandler = ({ url = '' }, response) => {
      const what = url.includes('resources') ? 'resources' : url.includes('info') ? 'answer' : 'resource'
      const said = now.where === what ? String(now.changed) : JSON.stringify(documents[what])
      response.setHeader('content-type', 'application/json')
      response.end(describedAt(pbx.url, said))
    }
    const outcomes: Record<string, number> = {}
    let refused = 0
    // One at a time, because ari-client keeps the address in a global.
    for (now of all) {
      const client = await connectAri({ url: pbx.url, username: 'u', password: new Secret('p') }).catch(
        () => undefined,
      )
      if (!client) {
        refused += 1
        continue
      }
      const outcome = await client.request('asterisk', 'getInfo', {}).then(
        () => 'answered',
        error => codeOf(error) ?? `no AppError: ${error}`,
      )
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
    }
    t.ok(outcomes['answered'])
    t.ok(refused > 10, `${refused} descriptions were refused`)
    t.strictSame(
      Object.keys(outcomes).filter(outcome => outcome.startsWith('no AppError')),
      [],
    )
  },
)

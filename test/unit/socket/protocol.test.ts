// Real: the protocol of the service socket. Fake: none.
import t from 'tap'
import { LineReader, MAX_LINE, readAnswer, readRequest } from '../../../src/socket/protocol.js'

const request = {
  ...{ do: 'ring', draft: '6f9619ff-8b86-4d01-b42d-00c04fc964ff', revision: 2, endpoint: 'PJSIP/anna' },
  ...{ by: 'anna', way: 'console' },
}

t.test('a request is read with each field, and nothing more', async t => {
  t.strictSame(readRequest(JSON.stringify({ ...request, more: 1 })), request)
  const faults: [string | object, RegExp][] = [
    ['', /no JSON/],
    ['null', /no JSON/],
    ['[1', /no JSON/],
    [[], /no such request/],
    [{ ...request, do: 'toString' }, /no such request/],
    [{ ...request, draft: '../x' }, /draft/],
    [{ ...request, revision: 0 }, /revision/],
    [{ ...request, revision: '1' }, /revision/],
    [{ ...request, endpoint: '' }, /endpoint/],
    [{ ...request, by: 'a'.repeat(201) }, /by/],
    [{ ...request, way: 'root' }, /way/],
  ]
  for (const [sent, message] of faults)
    t.throws(() => readRequest(typeof sent === 'string' ? sent : JSON.stringify(sent)), {
      code: 'request.invalid',
      message,
    })
})

t.test('a request with a public key is read with each field, and nothing more', async t => {
  const wanted = {
    ...{ do: 'add-recipients', purposes: ['service'], publicKey: 'AAAA', by: 'anna', way: 'console' },
  }
  t.strictSame(readRequest(JSON.stringify({ ...wanted, secretKey: 'BBBB' })), wanted)
  for (const change of [
    { purposes: [] },
    { purposes: 'service' },
    { purposes: [1] },
    { purposes: Array(33).fill('x') },
    { publicKey: 1 },
    { by: '' },
    { way: 'root' },
  ])
    t.throws(() => readRequest(JSON.stringify({ ...wanted, ...change })), { code: 'request.invalid' })
  t.strictSame(readRequest('{"do":"inspect-pbx","url":"x"}'), { do: 'inspect-pbx' })
  const ask = { do: 'ask', call: '6f9619ff-8b86-4d01-b42d-00c04fc964ff' }
  t.strictSame(readRequest(JSON.stringify({ ...ask, more: 1 })), ask)
  t.throws(() => readRequest('{"do":"ask","call":"x"}'), { code: 'request.invalid', message: /call/ })
})

t.test('a request to record a prompt is read with each field', async t => {
  const record = {
    ...{ do: 'record', way: 'command', name: 'refused', language: 'en', endpoint: 'PJSIP/anna', by: 'anna' },
  }
  t.strictSame(readRequest(JSON.stringify({ ...record, more: 1 })), record)
  const words = { template: 'No.', of: 2, line: '100' }
  t.strictSame(readRequest(JSON.stringify({ ...record, ...words })), { ...record, ...words })
  for (const [fault, message] of [
    [{ name: '' }, /name/],
    [{ endpoint: 1 }, /endpoint/],
    [{ template: 'x'.repeat(2_001) }, /template/],
    [{ of: 0 }, /of is no version/],
    [{ line: '' }, /line is no text/],
    [{ way: 'root' }, /way/],
  ] as const)
    t.throws(() => readRequest(JSON.stringify({ ...record, ...fault })), { code: 'request.invalid', message })
})

t.test('a line may come in pieces, and must not be too long', async t => {
  const reader = new LineReader()
  const bytes = Buffer.from('{"é":1}\nmore')
  t.equal(reader.push(bytes.subarray(0, 3)), undefined)
  t.equal(reader.push(bytes.subarray(3)), '{"é":1}')
  t.throws(() => new LineReader().push(Buffer.alloc(MAX_LINE + 1, 'x')), { code: 'request.invalid' })
  t.throws(() => new LineReader().push(Buffer.from(`${'x'.repeat(MAX_LINE + 1)}\n`)), {
    code: 'request.invalid',
  })
})

t.test('an answer is a result or an error of the service', async t => {
  t.strictSame(readAnswer('{"result":{"trial":"x"}}'), { trial: 'x' })
  t.throws(
    () => readAnswer('{"error":{"code":"ring.limited","message":{"template":"in {} s","values":[5]}}}'),
    {
      code: 'ring.limited',
      message: 'in 5 s',
    },
  )
  for (const odd of [
    '{}',
    '{"result":null}',
    '{"error":{}}',
    '{"error":1}',
    '{"error":{"code":"x","message":"y"}}',
  ])
    t.throws(() => readAnswer(odd), { code: 'service.unavailable' })
})

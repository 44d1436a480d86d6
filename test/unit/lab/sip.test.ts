// Real: the SIP caller, over UDP on loopback. Fake: the PBX, a socket that answers by rules.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import t from 'tap'
import { Holding } from '../../../lab/sip/hold.js'
import { header, methodOf, parseSip, sequenceOf, statusOf } from '../../../lab/sip/message.js'
import { type CallEnd, OutgoingCall } from '../../../lab/sip/outgoing-call.js'
import { readSdp, writeSdp } from '../../../lab/sip/sdp.js'
import { until } from '../../support/processes/database.js'

t.test('a message is read with short names and folded lines', async t => {
  const message = parseSip(
    Buffer.from(
      'SIP/2.0 180 Ringing\r\nv: SIP/2.0/UDP a\r\nSubject: one\r\n  two\r\nCSeq: 7 INVITE\r\n\r\nbody',
    ),
  )
  t.equal(statusOf(message), 180)
  t.equal(methodOf(message), 'INVITE')
  t.equal(sequenceOf(message), 7)
  t.equal(header(message, 'via'), 'SIP/2.0/UDP a')
  t.equal(header(message, 'subject'), 'one two')
  t.equal(message.body, 'body')
})

t.test('bytes that are no SIP message are read as an empty message', async t => {
  const message = parseSip(Buffer.from([0, 1, 2, 255]))
  t.equal(statusOf(message), 0)
  t.equal(header(message, 'call-id'), undefined)
})

t.test('a description names codec, port and keys', async t => {
  t.same(readSdp(writeSdp('127.0.0.1', 4000, 'alaw', true)), {
    host: '127.0.0.1',
    port: 4000,
    keyPayload: 101,
  })
  t.same(readSdp(writeSdp('127.0.0.1', 4000, 'ulaw', false)), { host: '127.0.0.1', port: 4000 })
  t.equal(readSdp('v=0\r\nm=audio 0 RTP/AVP 8\r\n'), undefined, 'a stream that is refused')
})

/** A PBX that answers each request by the rule for its method, and remembers the requests. */
async function fakePbx(rules: Record<string, string[]>) {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const seen: string[] = []
  socket.on('message', (datagram, from) => {
    const message = parseSip(datagram)
    const method = methodOf(message)
    if (statusOf(message) > 0) return seen.push(`${statusOf(message)} ${method}`)
    seen.push(method)
    for (const status of rules[method] ?? []) {
      const same = ['via', 'from', 'call-id', 'cseq'].map(name => `${name}: ${header(message, name)}`)
      const to = `to: ${header(message, 'to')}${header(message, 'to')?.includes('tag') ? '' : ';tag=pbx'}`
      const answer = [
        `SIP/2.0 ${status}`,
        ...same,
        to,
        `contact: <sip:pbx@127.0.0.1:${socket.address().port}>`,
        '',
        'v=0',
      ]
      socket.send(answer.join('\r\n'), from.port, from.address)
    }
    return seen.length
  })
  return { sip: `127.0.0.1:${socket.address().port}`, seen, close: () => socket.close() }
}

/** Each request once. On a busy machine a caller repeats a request whose answer is already on its way. */
const distinct = (seen: string[]) => [...new Set(seen)]

const callTo = (sip: string) =>
  new OutgoingCall({
    sip,
    number: '100',
    from: '<sip:1@OWN>',
    headers: [],
    sdp: writeSdp('127.0.0.1', 4000, 'alaw', true),
  })

t.test('a call that is answered is acknowledged, and ended with BYE', async t => {
  const pbx = await fakePbx({ INVITE: ['100 Trying', '200 OK'], BYE: ['200 OK'] })
  const call = callTo(pbx.sip)
  const answered = once(call, 'answered')
  await call.start()
  t.same(await answered, ['v=0'])
  const ended = once(call, 'ended')
  await call.hangup()
  t.same(await ended, [{ by: 'caller', status: 0 } satisfies CallEnd])
  t.same(distinct(pbx.seen), ['INVITE', 'ACK', 'BYE'])
  await call.hangup()
  pbx.close()
})

t.test('a call that is refused is acknowledged and tells the status', async t => {
  const pbx = await fakePbx({ INVITE: ['404 Not Found'] })
  const call = callTo(pbx.sip)
  const ended = once(call, 'ended')
  await call.start()
  t.same(await ended, [{ by: 'refusal', status: 404 }])
  // The acknowledgement of a refusal belongs to the INVITE and so has its number.
  await t.resolves(until(() => pbx.seen.includes('ACK')))
  pbx.close()
})

t.test('a hang-up before the first reply waits for that reply, then cancels the call', async t => {
  const pbx = await fakePbx({ INVITE: ['180 Ringing'], CANCEL: ['200 OK'] })
  const call = callTo(pbx.sip)
  await call.start()
  void call.hangup()
  await t.resolves(until(() => pbx.seen.includes('CANCEL')))
  t.same(distinct(pbx.seen), ['INVITE', 'CANCEL'])
  call.losePower()
  pbx.close()
})

t.test('a cancel that crosses the answer ends the call with BYE', async t => {
  const pbx = await fakePbx({ INVITE: ['200 OK'], BYE: ['200 OK'] })
  const call = callTo(pbx.sip)
  await call.start()
  await call.hangup()
  t.same(distinct(pbx.seen), ['INVITE', 'ACK', 'BYE'])
  pbx.close()
})

t.test('a request that gets lost is sent again', async t => {
  const pbx = await fakePbx({})
  const call = callTo(pbx.sip)
  await call.start()
  await t.resolves(until(() => pbx.seen.filter(method => method === 'INVITE').length >= 2))
  call.losePower()
  pbx.close()
})

t.test('an answered call makes further offers, and acknowledges each answer', async t => {
  const rules = { INVITE: ['200 OK'], BYE: ['200 OK'] }
  const pbx = await fakePbx(rules)
  const call = callTo(pbx.sip)
  const answered = once(call, 'answered')
  await call.start()
  await answered
  const acks = () => pbx.seen.filter(one => one === 'ACK').length
  t.equal(await call.offerAgain(writeSdp('127.0.0.1', 4000, 'alaw', true, 2, 'sendonly')), 200)
  await t.resolves(until(() => acks() >= 2))
  rules.INVITE = ['491 Request Pending']
  const before = acks()
  t.equal(await call.offerAgain(writeSdp('127.0.0.1', 4000, 'alaw', true, 3)), 491)
  await t.resolves(until(() => acks() > before))
  await call.hangup()
  pbx.close()
})

t.test(
  'a hold offers to send only, in a new version, and is offered again while the PBX makes an offer',
  async t => {
    const offers: string[] = []
    const statuses = [200, 491, 200, 488]
    const holding = new Holding(
      (version, direction) => writeSdp('127.0.0.1', 4000, 'alaw', true, version, direction),
      async sdp => {
        offers.push(sdp)
        return statuses.shift() ?? 0
      },
    )
    await holding.set('sendonly')
    await holding.set('sendrecv')
    const described = offers.map(sdp => /o=lab 1 (\d+)[\s\S]*a=(send\w+)/.exec(sdp)?.slice(1))
    t.strictSame(described, [
      ['2', 'sendonly'],
      ['3', 'sendrecv'],
      ['3', 'sendrecv'],
    ])
    await t.rejects(holding.set('sendonly'), { code: 'pbx.refused' })
  },
)

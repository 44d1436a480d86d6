// Real: ffmpeg, whose system calls strace shows, the disk, a server that counts connections. Fake: none.
// Alone: it changes the folder and the environment of the process.
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { prepareTools } from '../../../lab/tools/prepare-tools.js'
import { readSound } from '../../../src/commands/prompt.js'
import { AppError } from '../../../src/core/errors.js'
import { makeMaster } from '../../../src/prompts/intake/make-master.js'
import { encode, hostileSounds, spokenPath } from '../../support/data/hostile-sounds.js'
import { ffmpeg } from '../../support/processes/ffmpeg.js'

const folder = t.testdir({ made: {}, temporary: {}, work: {}, secret: 'nobody may open this' })
const secret = join(folder, 'secret')
const calls = join(folder, 'calls')
let connections = 0
const server = createServer((_request, response) => response.end()).on('connection', () => {
  connections += 1
})
await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
t.teardown(() => server.close())
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

/** ffmpeg under strace, which writes which sockets and files it opens. */
const { strace } = await prepareTools(['strace'])
const traced = join(folder, 'ffmpeg')
const filter = '-f -qq -A -e trace=%network,open,openat,creat,execve'
writeFileSync(
  traced,
  `#!/bin/sh\nexec '${join(strace, 'bin', 'strace')}' ${filter} -o '${calls}' '${ffmpeg}' "$@"\n`,
)
chmodSync(traced, 0o755)
const hostile = await hostileSounds(join(folder, 'made'), url, secret)
process.env['TMPDIR'] = join(folder, 'temporary')
process.chdir(join(folder, 'work'))

t.test('each hostile file is refused with a message that says what to do', async t => {
  t.ok(hostile.length >= 40, `${hostile.length} files`)
  for (const { what, bytes, says } of hostile) {
    const error = await makeMaster(traced, bytes).then(
      () => undefined,
      (error: unknown) => error,
    )
    t.ok(error instanceof AppError, what)
    t.match(error, { code: 'request.invalid', message: says }, what)
    t.match(
      (error as AppError).message,
      /^[A-Z“"].*(: |, closer ).*\.$/,
      `${what}: the message has an advice`,
    )
  }
})

t.test('nothing was left behind, connected or opened besides', async t => {
  t.equal(connections, 0)
  const traces = readFileSync(calls, 'utf8')
  t.match(traces, /execve\(/, 'strace has seen ffmpeg')
  t.notMatch(traces, /AF_INET|connect\(/, 'no socket to anywhere')
  t.notMatch(traces, /\/secret"/)
  t.notMatch(traces, /O_CREAT|O_WRONLY|creat\(/, 'no file was written')
  t.strictSame(readdirSync(join(folder, 'temporary')), [])
  t.strictSame(readdirSync(join(folder, 'work')), [])
})

t.test('a name of a file means nothing', async t => {
  const names = ['concat:a|b.wav', '-i http:x.wav', '$(touch x).m3u8', ';touch x;.wav', 'a\nb.mp4', '%d.png']
  for (const name of names) {
    writeFileSync(join(folder, 'made', name), readFileSync(spokenPath))
    t.ok((await makeMaster(ffmpeg, await readSound(join(folder, 'made', name)))).lengthMs > 3000, name)
  }
  t.strictSame(readdirSync(join(folder, 'work')), [])
  await t.rejects(readSound(join(folder, 'made')), { code: 'request.invalid' })
  await t.rejects(readSound('/dev/zero'), { code: 'request.invalid' })
})

t.test('each format that is promised is taken, whatever is done to it harmlessly', async t => {
  const made = (name: string, ...args: string[]) =>
    encode(join(folder, 'made'), name, '-i', spokenPath, ...args)
  const whole: [what: string, bytes: Buffer][] = [
    ['WAV', await made('1.wav')],
    ['WAV, 24 bit, stereo, 48 kHz', await made('2.wav', '-c:a', 'pcm_s24le', '-ar', '48000', '-ac', '2')],
    ['WAV, A-law, 8 kHz', await made('3.wav', '-c:a', 'pcm_alaw', '-ar', '8000')],
    ['MP3', await made('4.mp3')],
    [
      'MP3, tagged at both ends',
      await made('5.mp3', '-metadata', 'title=x', '-write_id3v1', '1', '-ar', '44100'),
    ],
    ['OGG Vorbis', await made('6.ogg')],
    ['OGG Opus', await made('7.ogg', '-c:a', 'libopus')],
    ['FLAC', await made('8.flac', '-ar', '44100')],
    ['M4A with its index last', await made('9.m4a')],
    ['M4A with its index first', await made('10.m4a', '-movflags', 'faststart', '-ar', '44100')],
    ['M4A, lossless', await made('11.m4a', '-c:a', 'alac')],
  ]
  for (const [what, bytes] of whole) {
    const { lengthMs, lufs, truePeak } = await makeMaster(ffmpeg, bytes)
    t.ok(Math.abs(lengthMs - 3600) <= 80, `${what}: ${lengthMs} ms`)
    t.ok(Math.abs(lufs + 19) <= 0.5 && truePeak <= -2.5, `${what}: ${lufs} LUFS, ${truePeak} dBTP`)
  }
})

import sodium from 'libsodium-wrappers'

/**
 * A decryptor written from docs/formats.md alone, with libsodium's ordinary functions. It shares no code with
 * the product. If the page and the product differ, the tests that use it fail.
 */
export interface DecryptorIdentity {
  purpose: string
  keyId: string
  publicKey: string
  secretKey: string
}

export interface DecryptedBlock {
  leg: 'caller' | 'agent'
  sample: number
  arrivedAt: number
  audio: string
}

export interface Decrypted {
  header: Record<string, string | number>
  keys: Record<string, string>
  blocks: DecryptedBlock[]
  complete: boolean
}

const refuse = (why: string): never => {
  throw new Error(`refused: ${why}`)
}
const u64 = (bytes: Buffer, at: number) => Number(bytes.readBigUInt64LE(at))
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

export async function decrypt(
  file: Buffer,
  keyFile: string,
  identity: DecryptorIdentity,
): Promise<Decrypted> {
  await sodium.ready
  const h = file.readUInt16LE(10)
  const n = file[100]!
  const m = file[101 + n]!
  if (hex(file.subarray(0, 8)) !== '89435452590d0a1a' || file[8] !== 1 || file[9] !== 1)
    refuse('magic or version')
  if (h !== 134 + n + m || file[89] !== 2 || file.readUInt32LE(92) !== 8000) refuse('header')
  const header = {
    recording: hex(file.subarray(12, 28)),
    part: hex(file.subarray(28, 44)),
    call: hex(file.subarray(44, 60)),
    basis: hex(file.subarray(60, 76)),
    number: file.readUInt32LE(76),
    startedAt: u64(file, 80),
    codec: file[88]!,
    line: file.toString('utf8', 101, 101 + n),
    purpose: file.toString('utf8', 102 + n, 102 + n + m),
  }

  const entries: { keyId: string; sealed: string }[] = JSON.parse(keyFile).keys
  const entry = entries.find(({ keyId }) => keyId === identity.keyId && identity.purpose === header.purpose)
  if (!entry) return refuse('no entry for this identity')
  const opened = sodium.crypto_box_seal_open(
    Buffer.from(entry.sealed, 'base64'),
    Buffer.from(identity.publicKey, 'base64'),
    Buffer.from(identity.secretKey, 'base64'),
  )
  const dataKey = opened.subarray(0, 32)
  if (hex(opened.subarray(32)) !== header.part) refuse('the key of another part')

  const bound = file.subarray(0, h - 32)
  const derive = (label: string) =>
    sodium.crypto_generichash(32, Buffer.concat([Buffer.from(label), bound]), dataKey)
  const commitment = derive('consentry commitment 1')
  if (hex(commitment) !== hex(file.subarray(h - 32, h))) refuse('commitment')
  const streamKey = derive('consentry stream key 1')
  const keyOf = (segment: number) =>
    sodium.crypto_kdf_derive_from_key(32, BigInt(segment), 'segments', streamKey)
  const keys = {
    'data key': hex(dataKey),
    commitment: hex(commitment),
    'stream key': hex(streamKey),
    'key of segment 0': hex(keyOf(0)),
    'key of the totals': hex(keyOf(0xffffffff)),
  }

  const blocks: DecryptedBlock[] = []
  const streams = new Map<
    number,
    ReturnType<typeof sodium.crypto_secretstream_xchacha20poly1305_init_pull> | 'over'
  >()
  const ends = [0, 0]
  let number = 0
  for (let at = h; at + 16 <= file.length; number++) {
    const head = file.subarray(at, at + 16)
    const segment = head.readUInt32LE(0)
    let body = file.subarray(at + 16, at + 16 + head.readUInt32LE(12))
    if (at + 16 + head.readUInt32LE(12) > file.length) break
    at += 16 + body.length
    if (head.readUInt32LE(8) !== number) refuse('a record out of place')
    if (head.readUInt32LE(4) === 0) {
      streams.set(
        segment,
        sodium.crypto_secretstream_xchacha20poly1305_init_pull(body.subarray(0, 24), keyOf(segment)),
      )
      body = body.subarray(24)
    }
    const stream = streams.get(segment)
    if (stream === undefined || stream === 'over') return refuse('a record after the end of its segment')
    const plain = sodium.crypto_secretstream_xchacha20poly1305_pull(stream, body, head)
    if (!plain) return refuse('not authentic')
    const text = Buffer.from(plain.message)
    if (plain.tag === 3) streams.set(segment, 'over')
    if (segment === 0xffffffff) {
      const allOver = [...streams.values()].every(state => state === 'over')
      const right = text.readUInt32LE(0) === number && text.readUInt32LE(4) === streams.size - 1
      const lengths = u64(text, 8) === ends[0] && u64(text, 16) === ends[1]
      if (!allOver || !right || !lengths || at !== file.length) refuse('totals')
      return { header, keys, blocks, complete: true }
    }
    if (plain.tag === 3) continue
    const audio = text.subarray(24, 24 + text.readUInt32LE(4))
    ends[text[0]!] = u64(text, 8) + audio.length / (header.codec === 3 ? 2 : 1)
    blocks.push({
      leg: text[0] === 0 ? 'caller' : 'agent',
      sample: u64(text, 8),
      arrivedAt: u64(text, 16),
      audio: hex(audio),
    })
  }
  return { header, keys, blocks, complete: false }
}

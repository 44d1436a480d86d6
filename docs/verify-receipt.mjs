// Checks a consent receipt with the standard library of Node alone: node verify-receipt.mjs receipt.json KEY
import { createPublicKey, hash, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'

const [file, vkey] = process.argv.slice(2)
const receipt = JSON.parse(readFileSync(file, 'utf8'))
const sha256 = (...parts) => hash('sha256', Buffer.concat(parts.map(part => Buffer.from(part))), 'buffer')
const need = (holds, what) => {
  if (!holds) throw new Error(what)
}

// 1. The key: name, id, then a byte for Ed25519 and the 32 bytes of the key itself.
const [, name, id, encoded] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(vkey)
const x = Buffer.from(encoded, 'base64').subarray(1).toString('base64url')
const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
const [text, lines] = receipt.checkpoint.split(/\n\n/)
const signature = lines
  .split('\n')
  .map(line => line.split(' '))
  .filter(([, signer]) => signer === name)
  .map(([, , bytes]) => Buffer.from(bytes, 'base64'))
  .find(bytes => bytes.toString('hex', 0, 4) === id)
need(
  signature && verify(null, Buffer.from(text + '\n'), key, signature.subarray(4)),
  'not signed by this key',
)
const [origin, size, root] = text.split('\n')
need(origin === name, 'another log')

// 2. Every leaf is in the log.
for (const { index, leaf, path, personal } of receipt.events) {
  let [node, last, sum] = [index, Number(size) - 1, sha256([0], leaf)]
  need(node <= last, 'no such place')
  for (const sibling of path.map(text => Buffer.from(text, 'base64'))) {
    need(last > 0, 'path too long')
    if (node % 2 === 1 || node === last) {
      sum = sha256([1], sibling, sum)
      while (node % 2 === 0 && node > 0) [node, last] = [node / 2, Math.floor(last / 2)]
    } else sum = sha256([1], sum, sibling)
    ;[node, last] = [Math.floor(node / 2), Math.floor(last / 2)]
  }
  need(last === 0 && sum.toString('base64') === root, 'not in the log: ' + leaf)

  // 3. What is opened has the logged hash.
  const event = JSON.parse(leaf)
  if (personal) {
    const sorted = JSON.stringify(personal.data, Object.keys(personal.data).sort())
    const opened = sha256(Buffer.from(personal.salt, 'hex'), sorted).toString('hex')
    need(opened === event.personal, 'other personal data: ' + leaf)
  }
  need(event.call === JSON.parse(receipt.events[0].leaf).call, 'another call: ' + leaf)
  console.log(event.at, event.type, JSON.stringify(event.data), personal ? JSON.stringify(personal.data) : '')
}

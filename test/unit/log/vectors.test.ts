// Real: the hashes, proofs, notes and canonical JSON. Fake: none.
// The vectors are published: by Certificate Transparency's own implementation of RFC 6962, in the C2SP specifications, in RFC 8785.
import t from 'tap'
import { canonical } from '../../../src/lib/canonical-json.js'
import { checkpointOf, checkpointText } from '../../../src/log/notes/checkpoint.js'
import { parseNote, parseVerifier, verifies } from '../../../src/log/notes/note.js'
import { EMPTY_ROOT, type Hash, leafHash, toBytes, toHash } from '../../../src/log/tree/hash.js'
import { inclusionRanges, isConsistent, rootFromInclusion } from '../../../src/log/tree/proof.js'
import { Frontier } from '../../../src/log/tree/tree-hashes.js'

const hex = (text: string): Hash => toHash(Buffer.from(text, 'hex'))

/** Leaves, hex, and the roots of their first 1, 2, … 8. */
const LEAVES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
]
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

t.test('the tree of the published leaves has the published roots', async t => {
  t.equal(EMPTY_ROOT.toString('hex'), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  const frontier = new Frontier()
  for (const [i, leaf] of LEAVES.entries()) {
    frontier.append(leafHash(Buffer.from(leaf, 'hex')))
    t.equal(toBytes(frontier.root()).toString('hex'), ROOTS[i])
  }
})

t.test('the published inclusion proofs lead to the published roots', async t => {
  const proofs: [index: number, size: number, path: string[]][] = [
    [0, 1, []],
    [
      0,
      8,
      [
        '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
      ],
    ],
    [
      5,
      8,
      [
        'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
        'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
        'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      ],
    ],
    [2, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
    [
      1,
      5,
      [
        '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      ],
    ],
  ]
  for (const [index, size, path] of proofs) {
    const leaf = leafHash(Buffer.from(LEAVES[index]!, 'hex'))
    t.equal(rootFromInclusion(leaf, index, size, path.map(hex)), hex(ROOTS[size - 1]!))
    t.equal(inclusionRanges(index, size).length, path.length)
  }
})

t.test('the published consistency proofs hold, and hold for no other root', async t => {
  const proofs: [earlier: number, size: number, proof: string[]][] = [
    [1, 1, []],
    [
      1,
      8,
      [
        '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
      ],
    ],
    [
      6,
      8,
      [
        '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
        'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
        'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      ],
    ],
    [
      2,
      5,
      [
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      ],
    ],
  ]
  for (const [earlier, size, proof] of proofs) {
    const holds = (root: Hash) => isConsistent(earlier, hex(ROOTS[earlier - 1]!), size, root, proof.map(hex))
    t.ok(holds(hex(ROOTS[size - 1]!)), `${earlier}, ${size}`)
    t.notOk(holds(leafHash('another')), `${earlier}, ${size}`)
  }
})

t.test('the note of the specification is signed by the key of the specification', async t => {
  const verifier = parseVerifier('example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k')!
  const note =
    'This is an example message.\n\n' +
    '— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n'
  t.ok(verifies(parseNote(note)!, verifier))
  t.notOk(verifies(parseNote(note.replace('This', 'That'))!, verifier))
  t.equal(parseVerifier('example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'), undefined)
})

t.test('the checkpoint of the specification is read and written unchanged', async t => {
  const text = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n'
  const note = `${text}\n— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n`
  const checkpoint = checkpointOf(note)!
  t.equal(checkpoint.origin, 'example.com/behind-the-sofa')
  t.equal(checkpoint.size, 20_852_163)
  t.equal(checkpointText(checkpoint), text)
  t.equal(checkpointOf(note.replace('20852163', '020852163')), undefined)
})

t.test('canonical JSON is written as in the examples of RFC 8785', async t => {
  const sorted = JSON.parse(
    '{"\\u20ac":"Euro Sign","\\r":"Carriage Return","\\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\\ud83d\\ude00":"Emoji: Grinning Face","\\u0080":"Control","\\u00f6":"Latin Small Letter O With Diaeresis"}',
  )
  t.strictSame(
    [...canonical(sorted).matchAll(/":"([^"]*)"/g)].map(match => match[1]),
    [
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ],
  )
  const mixed = JSON.parse(
    '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}',
  )
  t.equal(
    canonical(mixed),
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  )
  t.equal(
    canonical({ b: { '2': 1, '10': [{}], a: null }, a: 'x' }),
    '{"a":"x","b":{"10":[{}],"2":1,"a":null}}',
  )
  t.equal(canonical({ zz: 1, a: 2, toJSON: 3 }), '{"a":2,"toJSON":3,"zz":1}')
})

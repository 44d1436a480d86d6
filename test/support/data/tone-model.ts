import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { concatSamples, silence, tone } from '../../../lab/audio/signals.js'

/*
 * A model with the shapes of T-one (blocks of 300 ms with ten frames, a state of 219,729 numbers), whose weights hear a tone as a letter. It is
 * written as ONNX (protocol buffers), so that the real runtime runs it.
 */

const ALPHABET = [...'абвгдежзийклмнопрстуфхцчшщъыьэюяё', ' ']
const TOKENS = [...ALPHABET, '<blk>']
const [BLOCK, FRAMES, STATE] = [2_400, 10, 219_729]
const FRAME = BLOCK / FRAMES
/** How likely nothing is: more than a tone in less than half of a frame. */
const BLANK = 400

/** Cycles of a letter's tone in one frame, so that the tones of whole frames do not touch each other. */
const cyclesOf = (letter: number): number => 8 + 2 * letter
const hertzOf = (letter: string): number => (cyclesOf(ALPHABET.indexOf(letter)) * 8_000) / FRAME

/** The sound of a text: 90 ms of a tone for each letter, and 60 ms of silence between two. */
export const soundOf = (text: string): Int16Array =>
  concatSamples(...[...text].flatMap(letter => [tone([hertzOf(letter)], 90, -12), silence(60)]))

/** Writes the model and its list of tokens into a folder. */
export async function writeToneModel(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'model.onnx'), model())
  await writeFile(join(folder, 'tokens.txt'), TOKENS.map((token, id) => `${token} ${id}\n`).join(''))
}

const [FLOAT, INT32, INT64, FLOAT16] = [1, 6, 7, 10]

/** A field of protocol buffers. */
function field(number: number, value: number | string | Buffer): Buffer {
  if (typeof value === 'number') return Buffer.concat([varint(number << 3), varint(value)])
  const bytes = Buffer.from(value as string)
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes])
}
const message = (...fields: Buffer[]): Buffer => Buffer.concat(fields)

function varint(value: number): Buffer {
  const bytes: number[] = []
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return Buffer.from([...bytes, left])
    bytes.push((left % 128) | 0x80)
  }
}

function node(op: string, inputs: string[], output: string, attributes: Buffer[] = []): Buffer {
  const names = inputs.map(name => field(1, name))
  return field(1, message(...names, field(2, output), field(4, op), ...attributes.map(one => field(5, one))))
}
const integer = (name: string, value: number): Buffer =>
  message(field(1, name), field(3, value), field(20, 2))

function tensor(name: string, dims: number[], type: number, raw: Buffer): Buffer {
  return field(5, message(...dims.map(one => field(1, one)), field(2, type), field(8, name), field(9, raw)))
}

function valueInfo(number: number, name: string, type: number, dims: (number | string)[]): Buffer {
  const shape = dims.map(dim => field(1, typeof dim === 'number' ? field(1, dim) : field(2, dim)))
  return field(
    number,
    message(field(1, name), field(2, field(1, message(field(1, type), field(2, message(...shape)))))),
  )
}

/** One column of weights for each token, which measures how much of its tone is in a frame. */
function weights(wave: (angle: number) => number): Buffer {
  const columns = Float32Array.from({ length: FRAME * TOKENS.length }, (_, i) => {
    const [sample, token] = [Math.floor(i / TOKENS.length), i % TOKENS.length]
    return token === ALPHABET.length ? 0 : wave((2 * Math.PI * cyclesOf(token) * sample) / FRAME) / 32_768
  })
  return Buffer.from(columns.buffer)
}

function model(): Buffer {
  const bias = Float32Array.from(TOKENS, token => (token === '<blk>' ? BLANK : 0))
  const shape = Buffer.from(BigInt64Array.from([-1n, BigInt(FRAMES), BigInt(FRAME)]).buffer)
  const graph = message(
    node('Cast', ['signal'], 'samples', [integer('to', FLOAT)]),
    node('Reshape', ['samples', 'shape'], 'frames'),
    node('MatMul', ['frames', 'sines'], 'sine'),
    node('MatMul', ['frames', 'cosines'], 'cosine'),
    node('Mul', ['sine', 'sine'], 'sine2'),
    node('Mul', ['cosine', 'cosine'], 'cosine2'),
    node('Add', ['sine2', 'cosine2'], 'energy'),
    node('Add', ['energy', 'bias'], 'logits'),
    node('LogSoftmax', ['logits'], 'logprobs', [integer('axis', 2)]),
    node('Identity', ['state'], 'state_next'),
    field(2, 'tones'),
    tensor('shape', [3], INT64, shape),
    tensor('sines', [FRAME, TOKENS.length], FLOAT, weights(Math.sin)),
    tensor('cosines', [FRAME, TOKENS.length], FLOAT, weights(Math.cos)),
    tensor('bias', [TOKENS.length], FLOAT, Buffer.from(bias.buffer)),
    valueInfo(11, 'signal', INT32, ['N', BLOCK, 1]),
    valueInfo(11, 'state', FLOAT16, ['N', STATE]),
    valueInfo(12, 'logprobs', FLOAT, ['N', FRAMES, TOKENS.length]),
    valueInfo(12, 'state_next', FLOAT16, ['N', STATE]),
  )
  const properties = Object.entries({ frame_length_ms: '300', state_dim: String(STATE), sample_rate: '8000' })
  return message(
    field(1, 8),
    field(7, graph),
    field(8, message(field(1, ''), field(2, 13))),
    ...properties.map(([key, value]) => field(14, message(field(1, key), field(2, value)))),
  )
}

import { FEATURES } from './embedding.js'

/** What a head tells apart. `other` is everything that is no answer. */
export const HEAD_CLASSES = ['yes', 'no', 'weak', 'other'] as const
export type HeadClass = (typeof HEAD_CLASSES)[number]

/** The file of a head, as `voice/train.py` writes it. Numbers are little-endian in Base64. */
export interface HeadFile {
  language: string
  /** Size of the hidden layer. */
  hidden: number
  /** Mean and deviation of each feature, float32. */
  mean: string
  deviation: string
  /** Each net of the head; their probabilities are averaged. Weights are 8-bit integers times `scale`, row by row, float32 the rest. */
  nets: { scale: number[]; weights: string; bias: string; out: string; outBias: string }[]
}

/** A small net behind the embedding. */
export interface Head {
  /** @returns the probability of each class */
  classify(features: Float32Array): Record<HeadClass, number>
}

interface Net {
  scale: number[]
  weights: Int8Array
  bias: Float32Array
  out: Float32Array
  outBias: Float32Array
}

/** @throws Error if the file does not fit the features */
export function makeHead(file: HeadFile): Head {
  const [mean, deviation] = [floats(file.mean), floats(file.deviation)]
  const nets = file.nets.map(net => ({
    scale: net.scale,
    weights: new Int8Array(Buffer.from(net.weights, 'base64')),
    bias: floats(net.bias),
    out: floats(net.out),
    outBias: floats(net.outBias),
  }))
  const { hidden } = file
  if (mean.length !== FEATURES || nets.some(net => net.weights.length !== FEATURES * hidden))
    throw new Error(`the head of ${file.language} does not fit the embedding`)
  return {
    classify(features) {
      const input = features.map((value, i) => (value - mean[i]!) / deviation[i]!)
      const sum = new Float64Array(HEAD_CLASSES.length)
      for (const net of nets) {
        probabilities(net, input, hidden).forEach((p, k) => {
          sum[k]! += p / nets.length
        })
      }
      return Object.fromEntries(HEAD_CLASSES.map((name, k) => [name, sum[k]!])) as Record<HeadClass, number>
    },
  }
}

function probabilities({ scale, weights, bias, out, outBias }: Net, input: Float32Array, hidden: number) {
  const classes = HEAD_CLASSES.length
  const logits = Float64Array.from(outBias)
  for (let h = 0; h < hidden; h++) {
    let sum = 0
    for (let i = 0; i < FEATURES; i++) sum += weights[h * FEATURES + i]! * input[i]!
    const active = Math.max(0, sum * scale[h]! + bias[h]!)
    for (let k = 0; k < classes; k++) logits[k]! += active * out[h * classes + k]!
  }
  const top = Math.max(...logits)
  const powers = logits.map(value => Math.exp(value - top))
  const total = powers.reduce((a, b) => a + b, 0)
  return powers.map(value => value / total)
}

function floats(text: string): Float32Array {
  const bytes = Buffer.from(text, 'base64')
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i))
}

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, constants } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { AppError } from '../../core/errors.js'
import type { SherpaKind } from '../../core/speech-engines.js'
import type { SherpaModel } from '../settings.js'

/** The files of a model, by their purpose. */
type ModelFiles = Record<string, string>

const TOKENS = 'tokens.txt'
/** The name by which sherpa-onnx knows each kind of model, and its files. */
const KINDS: Record<SherpaKind, { name: string; files: ModelFiles }> = {
  'tone-ctc': { name: 'toneCtc', files: { model: 'model.onnx' } },
  'zipformer2-ctc': { name: 'zipformer2Ctc', files: { model: 'model.onnx' } },
  'nemo-ctc': { name: 'nemoCtc', files: { model: 'model.onnx' } },
  transducer: {
    name: 'transducer',
    files: { encoder: 'encoder.onnx', decoder: 'decoder.onnx', joiner: 'joiner.onnx' },
  },
}

/**
 * The part of the configuration of sherpa-onnx that names a model.
 *
 * @throws AppError `speech.unavailable` if a file cannot be read; sherpa-onnx would end the process
 */
export async function modelConfig({ kind, folder }: SherpaModel): Promise<object> {
  const { name, files } = KINDS[kind]
  const paths = Object.entries(files).map(([purpose, file]) => [purpose, join(folder, file)] as const)
  const tokens = join(folder, TOKENS)
  for (const path of [tokens, ...paths.map(([, path]) => path)])
    await access(path, constants.R_OK).catch(cause => {
      throw new AppError('speech.unavailable', `the model has no file ${path} that can be read`, { cause })
    })
  return { [name]: Object.fromEntries(paths), tokens }
}

/** SHA-256 of the files of a model, each after its name, hex. */
export async function modelHash({ kind, folder }: SherpaModel): Promise<string> {
  const hash = createHash('sha256')
  for (const file of [TOKENS, ...Object.values(KINDS[kind].files)]) {
    hash.update(`${file}\0`)
    await pipeline(createReadStream(join(folder, file)), async pieces => {
      for await (const piece of pieces) hash.update(piece as Buffer)
    })
  }
  return hash.digest('hex')
}

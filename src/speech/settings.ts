import type { HeardLanguage } from '../core/policy.js'
import type { SherpaKind } from '../core/speech-engines.js'

/** A model of sherpa-onnx in a folder of this machine. */
export interface SherpaModel {
  kind: SherpaKind
  /** Absolute path. It has `tokens.txt`, and `model.onnx` or, of a transducer, `encoder.onnx`, `decoder.onnx` and `joiner.onnx`. */
  folder: string
}

/** Settings for hearing callers. */
export interface SpeechSettings {
  /** IP address of this machine to which the PBX sends callers' audio. */
  host: string
  /** Most callers who are heard at once. 0: none, and no process starts. */
  streams: number
  /**
   * Absolute path of the folder below which pocketsphinx and its acoustic model are, as Debian installs them: `/`, or a folder with
   * unpacked packages.
   */
  root: string
  /** Vosk servers, `ws://host:port` or `wss://…`, each with a model of its language. */
  vosk: Partial<Record<HeardLanguage, string>>
  /** Hosts of such servers whose names may resolve to internal addresses. */
  insideHosts?: readonly string[] | undefined
  sherpa: Partial<Record<HeardLanguage, SherpaModel>>
}

/** The used part of sherpa-onnx-node. The package has no types for it. */
declare module 'sherpa-onnx-node' {
  export interface OnlineStream {
    acceptWaveform(wave: { samples: Float32Array; sampleRate: number }): void
    inputFinished(): void
  }
  export interface OnlineRecognizer {
    createStream(): OnlineStream
    isReady(stream: OnlineStream): boolean
    decode(stream: OnlineStream): void
    getResult(stream: OnlineStream): { text: string; ys_probs?: number[] }
  }
  const sherpa: { OnlineRecognizer: new (config: object) => OnlineRecognizer }
  export default sherpa
}

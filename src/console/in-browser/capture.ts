// Runs in the browser's audio thread: hands the microphone's samples to the page.
declare const registerProcessor: (name: string, processor: new () => unknown) => void
declare const AudioWorkletProcessor: new () => { port: MessagePort }

registerProcessor(
  'capture',
  class extends AudioWorkletProcessor {
    process([input]: Float32Array[][]): boolean {
      const channel = input?.[0]
      if (channel) this.port.postMessage(channel.slice())
      return true
    }
  },
)

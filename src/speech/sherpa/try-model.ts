import sherpa from 'sherpa-onnx-node'
import { SAMPLE_RATE } from '../../core/audio.js'

// A separate program: it loads the model that its argument describes, and has it recognise a second of silence. A
// damaged model ends the process that loads it, so the speech process has this program try it first.

const recognizer = new sherpa.OnlineRecognizer(JSON.parse(process.argv[2] ?? '{}'))
const stream = recognizer.createStream()
stream.acceptWaveform({ samples: new Float32Array(SAMPLE_RATE), sampleRate: SAMPLE_RATE })
stream.inputFinished()
while (recognizer.isReady(stream)) recognizer.decode(stream)
recognizer.getResult(stream)

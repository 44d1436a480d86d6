import { loadSherpa } from '../sherpa/sherpa-recognizer.js'
import { loadVosk } from '../vosk/vosk-recognizer.js'
import { listenOn } from './listen-on.js'
import { runSpeechProcess } from './run.js'

// The program of the speech process, which the service starts.
await runSpeechProcess({ loaders: { sherpa: loadSherpa, vosk: loadVosk }, createListener: listenOn })

import { loaders } from '../loaders.js'
import { listenOn } from './listen-on.js'
import { runSpeechProcess } from './run.js'

// The program of the speech process, which the service starts.
await runSpeechProcess({ loaders, createListener: listenOn })

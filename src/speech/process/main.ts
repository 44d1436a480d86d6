import { createListener } from '../listener.js'
import { runSpeechProcess } from './run.js'

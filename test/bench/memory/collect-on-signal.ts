// Loaded into the measured service before anything else: it collects garbage when it is told to, so that what it holds
// is what it still needs.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
// Once is not enough for what only a finalizer of the first time lets go of.
process.on('SIGUSR2', () => {
  collect()
  collect()
})

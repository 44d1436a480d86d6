// Loaded into the measured service before anything else. On SIGUSR2 the service collects garbage, so that its memory is what it
// still needs.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
// The second collection frees what finalizers of the first one released.
process.on('SIGUSR2', () => {
  collect()
  collect()
})

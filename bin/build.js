// `npm run build`: compiles the program and marks the build as whole. `consentry serve` starts from a whole build only.
import { build } from './prepare.js'

await build()

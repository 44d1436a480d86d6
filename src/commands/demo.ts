export { command } from '../lab/demo/demo.js'

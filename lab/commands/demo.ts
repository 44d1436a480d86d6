export { command } from '../demo/demo.js'

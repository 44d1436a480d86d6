#!/usr/bin/env -S UV_THREADPOOL_SIZE=64 node --initial-old-space-size=128
import { builtProgram, isCheckout } from './program.js'

/** The verbs of a developer's checkout, which install and compile what they need. No other verb does, least of all `serve`. */
const PREPARING = ['demo', 'lab']

const { cli } =
  isCheckout() && PREPARING.includes(process.argv[2])
    ? await (await import('./prepare.js')).prepare()
    : builtProgram()
const { main } = await import(cli)
process.exitCode = await main(process.argv.slice(2))

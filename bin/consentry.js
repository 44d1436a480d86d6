#!/usr/bin/env -S UV_THREADPOOL_SIZE=64 node
import { prepare } from './prepare.js'

const { cli } = await prepare()
const { main } = await import(cli)
process.exitCode = await main(process.argv.slice(2))

#!/usr/bin/env node
import { prepare } from './prepare.js'

const { cli } = await prepare()
const { main } = await import(cli)
process.exitCode = await main(process.argv.slice(2))

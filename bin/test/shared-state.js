import childProcess from 'node:child_process'
import dns from 'node:dns'
import fs from 'node:fs'
import fsPromises from 'node:fs/promises'
import net from 'node:net'
import os from 'node:os'
import timers from 'node:timers'
import timersPromises from 'node:timers/promises'

/** Objects that all files of a process share, whose members a test can replace. */
const SHARED = Object.entries({
  ...{ globalThis, process, Date, Math, Promise, JSON, performance, console },
  ...{ child_process: childProcess, dns, fs, 'fs/promises': fsPromises, net, os, timers },
  'timers/promises': timersPromises,
})

/**
 * What the files of a process share: its environment, folder, mask and exit code, who listens to it, and the functions of its globals
 * and of the modules by which a test could reach outside. Libraries keep objects of their own in `globalThis`, which are no matter.
 *
 * @returns {Map<string, unknown>} by name
 */
export function sharedState() {
  const state = new Map([
    ['its folder', process.cwd()],
    ['its umask', process.umask()],
    ['its exit code', process.exitCode],
    // They are members of a class, until somebody replaces them.
    ['process.stdout.write', process.stdout.write],
    ['process.stderr.write', process.stderr.write],
  ])
  for (const [name, value] of Object.entries(process.env)) state.set(`the variable ${name}`, value)
  for (const event of process.eventNames())
    state.set(`who listens to ${String(event)}`, process.listenerCount(event))
  for (const [name, object] of SHARED)
    for (const key of Reflect.ownKeys(object)) {
      // Node defines some of its globals when they are first read. What is found so has not been replaced.
      const { value, get } = Object.getOwnPropertyDescriptor(object, key)
      if (typeof value === 'function' || get) state.set(`${name}.${String(key)}`, get ? LAZY : value)
    }
  return state
}

const LAZY = Symbol('lazy')

/**
 * @param {Map<string, unknown>} before
 * @param {Map<string, unknown>} after
 * @returns {string[]} names of what has changed
 */
export const changesOf = (before, after) =>
  [...new Set([...before.keys(), ...after.keys()])].filter(
    name => before.get(name) !== LAZY && !Object.is(before.get(name), after.get(name)),
  )

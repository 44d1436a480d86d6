const ends = new Set<() => void>()

function runAll(): void {
  for (const end of ends) end()
}

/** Runs `end` when this process ends. All share one listener: Node warns of more than ten. @returns takes it back */
export function atExit(end: () => void): () => void {
  if (ends.size === 0) process.once('exit', runAll)
  ends.add(end)
  return () => {
    ends.delete(end)
    if (ends.size === 0) process.off('exit', runAll)
  }
}

const ends = new Set<() => void>()
process.once('exit', () => {
  for (const end of ends) end()
})

/** Runs `end` when this process ends. All share one listener: Node warns of more than ten. @returns takes it back */
export function atExit(end: () => void): () => void {
  ends.add(end)
  return () => void ends.delete(end)
}

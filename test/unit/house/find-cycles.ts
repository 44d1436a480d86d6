/**
 * Finds the cycles of a directed graph.
 *
 * @param edges pairs of a node and one that it leads to
 * @returns one list of nodes for each strongly connected component of more than one node, or of one that leads to itself
 */
export function findCycles(edges: Iterable<readonly [string, string]>): string[][] {
  const next = new Map<string, Set<string>>()
  for (const [from, to] of edges) next.set(from, (next.get(from) ?? new Set()).add(to))
  const reachable = new Map([...next.keys()].map(node => [node, reachableFrom(node, next)]))
  const cycles = new Map<string, string[]>()
  for (const [node, reached] of reachable) {
    if (!reached.has(node)) continue
    const cycle = [...reached].filter(other => reachable.get(other)?.has(node)).sort()
    cycles.set(cycle.join(), cycle)
  }
  return [...cycles.values()]
}

function reachableFrom(start: string, next: ReadonlyMap<string, ReadonlySet<string>>): Set<string> {
  const reached = new Set<string>()
  const waiting = [...(next.get(start) ?? [])]
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (reached.has(node)) continue
    reached.add(node)
    waiting.push(...(next.get(node) ?? []))
  }
  return reached
}

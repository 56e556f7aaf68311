/** Ways through all keys of a map, each gone in steps. */
export interface Scans {
  /** About as many as asked for, and how to go on; `next` is null at the end. */
  take(size: number, after: string | undefined): { readonly sids: readonly string[]; readonly next: string | null }
}

/** Of those that were left on the way, the oldest is forgotten. */
const mostAtOnce = 64

/** @param begin gives every key that is there when it comes to it, whatever is added and removed meanwhile */
export function scansOf(begin: () => Iterator<string>): Scans {
  const underWay = new Map<string, Iterator<string>>()
  let begun = 0
  return {
    take: (size, after) => {
      const keys = underWay.get(after ?? '') ?? begin()
      underWay.delete(after ?? '')
      const sids: string[] = []
      while (sids.length < Math.max(1, size)) {
        const { done, value } = keys.next()
        if (done === true) return { sids, next: null }
        sids.push(value)
      }
      const next = `${++begun}`
      underWay.set(next, keys)
      if (underWay.size > mostAtOnce) underWay.delete(underWay.keys().next().value ?? '')
      return { sids, next }
    },
  }
}

// Stores with one mistake each, under the contract: run by contract.test.ts, which sees each of them fail.
import type { Backend, Store } from 'handstamp'
import { memory } from 'handstamp'
import { backendContract, manualClock } from 'handstamp/testing'

type Mistake = (store: Store) => Partial<Store>

const mistakes: Readonly<Record<string, Mistake>> = {
  'an insert that overwrites': (store) => ({
    insert: async (record, data, atMost) => {
      if ((await store.find(record.sid)) !== null) return { kind: 'inserted', evicted: [] }
      return store.insert(record, data, atMost)
    },
  }),
  'a logout that is only said to be done': () => ({ kill: async () => true }),
  'a rotation that does not look at what is there': (store) => ({
    rotate: async (sid, from, to, seenAt) => {
      const found = await store.find(sid)
      return store.rotate(sid, found?.record.rotation ?? from, to, seenAt)
    },
  }),
  'a patch that makes what it does not find': (store) => ({
    patch: async (sid, changes) => {
      const answer = await store.patch(sid, changes)
      return answer === 'gone' ? 'done' : answer
    },
  }),
  'a change of claims that is not logged': (store) => ({
    amend: async (sid, from, amendment, until) => {
      const answer = await store.amend(sid, from, amendment, until)
      return answer === 'done' && 'claims' in amendment ? 'changed' : answer
    },
  }),
  'pages that leave one out': (store) => ({
    scan: async (size, after) => {
      const page = await store.scan(size, after)
      return after === undefined ? page : { ...page, records: page.records.slice(1) }
    },
  }),
  'a sweep that takes one more': (store) => ({ sweep: (before, limit) => store.sweep(before + 1, limit) }),
}

for (const [name, mistake] of Object.entries(mistakes)) {
  backendContract(name, async () => {
    const clock = manualClock()
    const sound = memory({ clock })
    const backend: Backend = { ...sound, store: { ...sound.store, ...mistake(sound.store) } }
    return { backend, clock }
  })
}

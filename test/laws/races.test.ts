import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { handstamp } from '../../src/http/auth.ts'
import { memory } from '../../src/stores/memory.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { jarOf } from './client.ts'
import { doors, listen, raceApp } from './race-app.ts'
import { createHold, playScript } from './race-script.ts'
import { stories } from './race-stories.ts'
import { openWorld, secret, stores } from './race-world.ts'
import { playStory, type RaceOptions } from './races.ts'

const seed = Number(process.env.SEED ?? 20_260_101)

/** Every order at one door and store, some random ones at the others: `npm run evidence races` plays every order everywhere. */
const some: RaceOptions = { sample: { seed, trials: 20 } }

for (const door of doors) {
  for (const store of stores) {
    const thorough = door === 'node:http' && store === 'memory'
    describe(`${door}, ${store}: requests whose operations at the store fall in ${thorough ? 'every' : 'some random'} order`, async () => {
      const folder = temporaryFolder()
      const world = openWorld({ door, store, folder })
      after(async () => (await world).close())
      for (const story of stories) {
        test(`${story.laws} ${story.name}`, async (t) => {
          const options = thorough && story.orders === undefined ? {} : some
          const { trials, broken, notes } = await playStory(await world, story, options)
          t.diagnostic(`${trials} orders${options === some ? `, seed ${seed}` : ''} ${notesOf(notes)}`)
          assert.deepEqual(broken[0] ?? null, null, `${broken.length} of ${trials} orders`)
        })
      }
    })
  }
}

describe('two nodes on one store: neither waits for the other', async () => {
  const world = openWorld({ door: 'node:http', store: 'memory', nodes: 2, folder: '' })
  after(async () => (await world).close())
  for (const story of stories) {
    test(`${story.laws} ${story.name}`, async () => {
      const { trials, broken } = await playStory(await world, story, some)
      assert.deepEqual(broken[0] ?? null, null, `${broken.length} of ${trials} orders`)
    })
  }
})

describe('requests that are slow in their handlers, as a script that any session library could pass', () => {
  for (const door of doors) {
    test(`S6 V3 P-D1 P-D2 ${door}`, async () => {
      const hold = createHold()
      const auth = handstamp({ backend: memory(), secrets: secret })
      const { url, close } = await listen(raceApp(door, auth, hold.pause))
      try {
        assert.deepEqual(await playScript({ url, hold }, 20, seed), { trials: 20, revived: 0, lost: 0 })
      } finally {
        await close()
        await auth.close()
      }
    })
  }
})

for (const store of stores) {
  test(`V3 P-D1 100 requests at once, each with a key of its own: all are there, ${store}`, async () => {
    const world = await openWorld({ door: 'node:http', store, nodes: 2, folder: temporaryFolder() })
    try {
      const cookie = jarOf(await world.ask(0, 'POST', '/login?user=ann'))
      const keys = Array.from({ length: 100 }, (_, index) => `key${index}`)
      const write = (key: string, index: number) => world.ask(index, 'POST', `/write?key=${key}&value=1`, { cookie })
      const written = await Promise.all(keys.map(write))
      assert.deepEqual(new Set(written.map(({ status }) => status)), new Set([204]))
      const { body } = await world.ask(0, 'GET', `/data?${keys.map((key) => `key=${key}`).join('&')}`, { cookie })
      assert.deepEqual(JSON.parse(body), Object.fromEntries(keys.map((key) => [key, '1'])))
    } finally {
      await world.close()
    }
  })
}

function notesOf(notes: Readonly<Record<string, number>>): string {
  return Object.entries(notes)
    .map(([what, count]) => `(${what}: ${count})`)
    .join(' ')
}

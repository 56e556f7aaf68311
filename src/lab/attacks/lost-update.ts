import type { Route } from '../application.ts'
import type { Attack } from '../attack.ts'
import { standards } from '../standards.ts'
import { outcome, signIn } from '../steps.ts'

export const lostUpdate: Attack = {
  id: 'lost-update',
  title: 'Lost update',
  aim: 'Two requests change the session at the same time. One of them is told that it is saved, and it is gone: something in a cart, a vote, a limit that counts.',
  presents: ['cookie', 'token'],
  otherwise: '',
  defences: [
    {
      id: 'compare-and-set',
      title: 'Changes are made to what is there',
      on: 'session.update(key, change): compares, sets, and tries again',
      off: 'session.get(), a wait, then session.set() of the whole value',
      rule: 'A change that was made from an old version is not stored: it is made again from the newest.',
      code: 'src/engine/data.ts',
      standard: standards.lostUpdate,
    },
  ],
  inBrowser: false,
  others: 'data',
  carryOut: async (stage) => {
    const target = await stage.open(stage.has('compare-and-set') ? {} : { route: readsFirst })
    const victim = stage.client('victim', target)
    await signIn(victim)
    const both = [victim.send('POST', '/slow?key=first&value=book'), victim.send('POST', '/slow?key=second&value=pen')]
    await target.waiting(2)
    target.goOn()
    const statuses = (await Promise.all(both)).map(({ status }) => status)
    const { json } = await victim.send('GET', '/data?key=first&key=second')
    const kept = [json.first, json.second].filter((value) => typeof value === 'string')
    return outcome(
      kept.length < 2,
      `Both were answered with ${statuses.join(' and ')}. Kept: ${kept.join(', ') || 'nothing'}.`,
    )
  },
}

const readsFirst: Route = async ({ request: { session }, url, hold, done }) => {
  if (url.pathname !== '/slow') return false
  const cart = await session.get('cart')
  await hold()
  await session.set('cart', { ...cart, [url.searchParams.get('key') ?? '']: url.searchParams.get('value') ?? '' })
  done(204)
  return true
}

import { minute, second } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import type { Backend } from '../../model/backend.ts'
import { memory } from '../../stores/memory.ts'
import { intercept } from '../../testing/intercept.ts'
import type { Attack } from '../attack.ts'
import { standards } from '../standards.ts'
import { asVictim, signIn } from '../steps.ts'

export const revocationLag: Attack = {
  id: 'revocation-lag',
  title: 'A node that hears of no revocation',
  aim: 'Two nodes, one engine. The session is ended on the first while the second is cut off from the engine; the attacker goes to the second.',
  presents: ['cookie', 'token'],
  otherwise: '',
  defences: [
    {
      id: 'lease',
      title: 'A node that hears nothing may not answer for long',
      on: 'The default: five seconds after the last word of the engine, a node asks it, or answers 503',
      off: 'policy.revocationBound of ten minutes: a node may go on for as long as a token lives',
      rule: 'A node answers from memory only while its lease lasts, which each heartbeat renews.',
      code: 'src/engine/leases.ts',
      standard: standards.revocation,
    },
  ],
  inBrowser: false,
  others: { not: 'they run on one node here' },
  carryOut: async (stage) => {
    const { clock } = stage
    const revocationBound = stage.has('lease') ? 5 * second : 10 * minute
    const engine = fromAfar(memory({ clock }))
    let isCutOff = false
    const secret = 'one secret for both nodes of this engine'
    const opening = { secret, issuer: 'https://issuer.example', policy: { revocationBound } }
    const first = await stage.openOwn({ ...opening, backend: engine })
    const other = await stage.openOwn({ ...opening, backend: reachable(engine, () => !isCutOff) })
    await other.auth.ready()
    stage.after(() => {
      isCutOff = false
    })
    const victim = stage.client('victim', first)
    await signIn(victim)
    const attacker = stage.client('attacker', other)
    attacker.take(victim.held())
    await attacker.send('GET', '/me')
    stage.tell('attacker', 'uses the copy on the second node')
    isCutOff = true
    await victim.send('POST', '/logout')
    clock.advance(6 * second)
    stage.tell('everybody', 'the second node has heard nothing from the engine for six seconds')
    return asVictim(attacker)
  },
}

/** An engine that is not in this process: what has happened has to be heard of. */
function fromAfar(backend: Backend): Backend {
  return { ...backend, log: { ...backend.log, local: null } }
}

function reachable(backend: Backend, isReachable: () => boolean): Backend {
  const reached = intercept(backend, {
    call: (call, carryOut) => {
      if (!isReachable()) throw new Fault('store_unavailable', 'The engine cannot be reached.')
      return carryOut(call.args)
    },
  })
  const onPoke: Backend['log']['onPoke'] = (listener) => backend.log.onPoke((poke) => isReachable() && listener(poke))
  return {
    ...reached,
    log: new Proxy(reached.log, { get: (log, name) => (name === 'onPoke' ? onPoke : Reflect.get(log, name)) }),
  }
}

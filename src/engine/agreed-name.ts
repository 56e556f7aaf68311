import { Fault } from '../base/fault.ts'
import { randomText } from '../crypto/random.ts'
import type { Backend } from '../model/backend.ts'

/** A random name that is made once for a store, and that all its nodes agree on. Cost: one write, one read. */
export async function agreedName(backend: Backend, what: 'issuer' | 'realm'): Promise<string> {
  await backend.documents.insert('setting', what, randomText(16))
  const document = await backend.documents.find('setting', what)
  if (document === null) throw new Fault('store_unavailable', `The ${what} could not be read back from the backend.`)
  return document.value
}

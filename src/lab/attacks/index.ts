import type { Attack } from '../attack.ts'
import { algConfusion } from './alg-confusion.ts'
import { algNone } from './alg-none.ts'
import { bruteForce } from './brute-force.ts'
import { cookieTossing } from './cookie-tossing.ts'
import { credentialStuffing } from './credential-stuffing.ts'
import { csrfForm } from './csrf-form.ts'
import { csrfJson } from './csrf-json.ts'
import { embeddedKey } from './embedded-key.ts'
import { fixation } from './fixation.ts'
import { forcedLogout } from './forced-logout.ts'
import { forgedId } from './forged-id.ts'
import { headerSpoofing } from './header-spoofing.ts'
import { kidInjection } from './kid-injection.ts'
import { loginCsrf } from './login-csrf.ts'
import { loginFlooding } from './login-flooding.ts'
import { logoutReplay } from './logout-replay.ts'
import { lostUpdate } from './lost-update.ts'
import { revocationLag } from './revocation-lag.ts'
import { sessionFlooding } from './session-flooding.ts'
import { sidejacking } from './sidejacking.ts'
import { slowRequest } from './slow-request.ts'
import { staleCache } from './stale-cache.ts'
import { stolenCredential } from './stolen-credential.ts'
import { twoTabs } from './two-tabs.ts'
import { weakSecret } from './weak-secret.ts'
import { xssCookie } from './xss-cookie.ts'
import { xssLocalStorage } from './xss-local-storage.ts'
import { xssMemory } from './xss-memory.ts'
import { xssSessionStorage } from './xss-session-storage.ts'

/** All attacks, in the order in which they are shown: the first is the easiest to follow. */
export const attacks: readonly Attack[] = [
  logoutReplay,
  sidejacking,
  stolenCredential,
  fixation,
  csrfForm,
  csrfJson,
  loginCsrf,
  forcedLogout,
  cookieTossing,
  xssLocalStorage,
  xssSessionStorage,
  xssMemory,
  xssCookie,
  slowRequest,
  lostUpdate,
  twoTabs,
  algConfusion,
  algNone,
  embeddedKey,
  kidInjection,
  weakSecret,
  forgedId,
  bruteForce,
  credentialStuffing,
  sessionFlooding,
  loginFlooding,
  staleCache,
  revocationLag,
  headerSpoofing,
]

export function attackById(id: string): Attack | null {
  return attacks.find((attack) => attack.id === id) ?? null
}

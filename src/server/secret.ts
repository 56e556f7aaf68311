import { Fault } from '../base/fault.ts'
import { developmentSecret, makeOne } from '../http/development-secret.ts'
import type { Config } from './config.ts'
import { makeDataFolder } from './data-folder.ts'

/**
 * The secrets of the configuration; without any, in development, one that is made at the first start and kept in `<data>/secret`.
 *
 * @param warn receives a sentence when the file can be read by others
 * @throws Fault `invalid_option` in production without a secret, or when the file is damaged or out of reach
 */
export async function sessionSecrets(
  config: Pick<Config, 'secrets' | 'data' | 'production'>,
  warn: (sentence: string) => void,
): Promise<readonly string[]> {
  if (config.secrets.length > 0) return config.secrets
  if (config.production) {
    const fix = `SESSION_SECRET="$(${makeOne})"`
    throw new Fault(
      'invalid_option',
      `In production the server needs a secret that you keep. Make one and set it: ${fix}`,
    )
  }
  makeDataFolder(config.data)
  return [await developmentSecret(config.data, warn)]
}

import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The whole browser, as people run it. */
const whole = ['chromium', 'chromium-browser', 'google-chrome']
/** The same engine and network without windows: a third of the work for each new page. */
const windowless = ['chromium-headless-shell']

/** Chromium reaches nothing but this machine: every name leads to loopback. Root may not run it in its sandbox. */
export const flags: readonly string[] = [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-proxy-server',
  '--host-resolver-rules=MAP * 127.0.0.1',
]

/** The first Chromium on PATH, the one without windows before the others; null when there is none. */
export function findChromium(path?: string): string | null {
  return findFirst([...windowless, ...whole], path)
}

/** The first whole Chromium on PATH, for what its profile on disk and its jar are asked about; otherwise the one without windows. */
export function findWholeChromium(path?: string): string | null {
  return findFirst([...whole, ...windowless], path)
}

function findFirst(names: readonly string[], path: string = process.env.PATH ?? ''): string | null {
  const candidates = names.flatMap((name) => path.split(delimiter).map((folder) => join(folder, name)))
  return candidates.find(isExecutable) ?? null
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { closeBrowser } from '../src/lab/browsers.ts'
import { fillMatrix } from '../src/lab/matrix.ts'
import { findOthers } from '../src/lab/others.ts'
import type { Figure } from './figure.ts'

export const lab: Figure = {
  name: 'lab',
  shows: 'every attack of the lab without its defences and with each of them, and the same on other products',
  run: async (progress) => {
    const bench = fileURLToPath(new URL('../bench/', import.meta.url))
    if (!existsSync(`${bench}node_modules`)) {
      progress('installing what Handstamp is compared with (npm ci --prefix bench)')
      execFileSync('npm', ['ci', '--prefix', bench, '--no-audit', '--no-fund'], {
        stdio: ['ignore', 'ignore', 'inherit'],
      })
    }
    const begun = performance.now()
    try {
      const matrix = await fillMatrix(await findOthers())
      const seconds = Math.round((performance.now() - begun) / 1000)
      for (const { attack, defence, presentation, observed, expected } of matrix.rows)
        if (observed !== expected) progress(`${attack}, ${presentation}, ${defence ?? 'no defence'}: ${observed}`)
      progress(`${matrix.rows.length} runs in ${seconds} s`)
      return {
        n: matrix.rows.length,
        passed: matrix.passed && matrix.notices.length === 0,
        result: { seconds, ...matrix },
      }
    } finally {
      await closeBrowser()
    }
  },
}

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { closeBrowser } from '../src/lab/browsers.ts'
import { fillMatrix } from '../src/lab/matrix.ts'
import { findOthers } from '../src/lab/others.ts'
import { type Recording, recordingFile, shortened } from '../src/lab/recorded.ts'
import type { Run } from '../src/lab/run.ts'
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
      const runs: Run[] = []
      const seen = (run: Run): void => void runs.push({ ...run, entries: shortened(run.entries) })
      const matrix = await fillMatrix({ ...(await findOthers()), seen })
      const seconds = Math.round((performance.now() - begun) / 1000)
      for (const { attack, defence, presentation, observed, expected } of matrix.rows)
        if (observed !== expected) progress(`${attack}, ${presentation}, ${defence ?? 'no defence'}: ${observed}`)
      progress(`${matrix.rows.length} runs in ${seconds} s`)
      const at = new Date().toISOString().slice(0, 10)
      const { version: handstamp } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
      const versions = { handstamp, node: process.versions.node }
      const recording: Recording = { at, versions, seconds, runs, columns: matrix.columns }
      if (matrix.passed) writeFileSync(recordingFile, `${JSON.stringify(recording)}\n`)
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

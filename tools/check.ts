// Runs every static check, even after one has failed, so that one run shows everything there is to mend.
import { spawnSync } from 'node:child_process'

const checks = ['types', 'lint', 'shape']

const failed = checks.filter((name) => {
  console.log(`\n— check:${name}`)
  return spawnSync(`npm run --silent check:${name}`, { stdio: 'inherit', shell: true }).status !== 0
})

console.log(failed.length === 0 ? '\ncheck: all passed' : `\ncheck: failed: ${failed.join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1

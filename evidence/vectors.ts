import { compareVectors } from '../test/crypto/jws-vectors.ts'
import type { Figure } from './figure.ts'

export const vectors: Figure = {
  name: 'vectors',
  shows: "published JWS vectors through our verifier and through jose: the sources' verdicts",
  run: async () => {
    const { vectors: n, alike, suites, differences, reasons } = await compareVectors()
    const wronglyAccepted = differences.filter((one) => one.ours && !one.source && !one.jose).length
    return { n, passed: wronglyAccepted === 0, result: { alike, wronglyAccepted, suites, reasons, differences } }
  },
}

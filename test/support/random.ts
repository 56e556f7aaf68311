export { type Random, seededRandom } from '../../src/testing/random.ts'

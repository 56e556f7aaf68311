import assert from 'node:assert/strict'
import { memory } from '../../stores/memory.ts'
import { manualClock } from '../manual-clock.ts'
import type { Law, Laws } from './subject.ts'
import { transcriptOf } from './transcript.ts'

const operations = 500

export const likenessLaws: Laws = {
  'V6 random operations are answered, and logged, as by memory (seed 1)': answersLikeMemory(1),
  'V6 random operations are answered, and logged, as by memory (seed 2)': answersLikeMemory(2),
}

function answersLikeMemory(seed: number): Law {
  return async (subject) => {
    const clock = manualClock(subject.clock.now())
    const expected = await transcriptOf({ backend: memory({ clock }), clock }, seed, operations)
    const lines = await transcriptOf(subject, seed, operations)
    for (const [index, line] of expected.entries()) assert.equal(lines[index], line)
  }
}

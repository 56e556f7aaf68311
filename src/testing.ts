export type { Backend } from './model/backend.ts'

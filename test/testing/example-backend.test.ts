// The worked example of an engine of somebody else (docs/backends.md) keeps the contract.
import '../../examples/backend.test.ts'

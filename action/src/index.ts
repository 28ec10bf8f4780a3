import {VERSION} from '../../src/version.ts'

// Before the rest is loaded, which takes a second where the runner is busy.
process.stdout.write(`abd ${VERSION}: backdoor audit of teacher models\n`)
await import('./main.ts')

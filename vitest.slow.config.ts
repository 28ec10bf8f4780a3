import {defineConfig} from 'vitest/config'
import base from './vitest.config.ts'

// The long ends: whole trainings, whole audits, the packed tarball. One file at a time, for each uses every core.
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['test/**/*.slow.test.ts'],
    exclude: ['**/node_modules/**'],
    testTimeout: 1_800_000,
    hookTimeout: 600_000,
    fileParallelism: false,
  },
})

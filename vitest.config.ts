import {defaultServerConditions} from 'vite'
import {defineConfig} from 'vitest/config'

// Sources, not builds: the private condition '@abd/source' leads every @abd package to its TypeScript.
export default defineConfig({
  ssr: {resolve: {conditions: ['@abd/source', ...defaultServerConditions]}},
  test: {
    execArgv: ['--conditions=@abd/source'],
    include: ['test/**/*.test.ts'],
    exclude: ['**/*.slow.test.ts', '**/node_modules/**'],
    // A process for each of thousands of tiny files is slow; what the process does is tested in isolation.test.ts.
    env: {ABD_ISOLATION: 'off'},
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    maxConcurrency: 2,
  },
})

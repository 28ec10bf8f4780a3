import {writeFileSync} from 'node:fs'

/** A vitest reporter that writes how many tests passed, failed and were skipped to the file that ABD_COUNTS names. */
export default class CountReporter {
  /**
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly unknown[]} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    const counts = {passed: 0, failed: unhandledErrors.length, skipped: 0}
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const {state} = test.result()
        if (state === 'passed' || state === 'failed') counts[state]++
        else counts.skipped++
      }
      // A file that could not be imported, or whose hooks failed, has errors of its own and perhaps no test.
      counts.failed += [module, ...module.children.allSuites()].reduce(
        (sum, suite) => sum + suite.errors().length,
        0,
      )
    }
    const file = process.env.ABD_COUNTS
    if (file) writeFileSync(file, JSON.stringify(counts))
  }
}

import {writeFileSync} from 'node:fs'
import {stripVTControlCharacters} from 'node:util'

/**
 * A vitest reporter that writes how many tests passed, failed and were skipped to the file that ABD_COUNTS names, and
 * which ones failed, each with the first line of what went wrong.
 */
export default class CountReporter {
  /**
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly {message: string}[]} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    const counts = {passed: 0, failed: 0, skipped: 0}
    const failures = []
    const fail = (place, errors) => {
      counts.failed++
      failures.push(`${place}: ${firstLine(errors?.[0]?.message ?? 'no error was given')}`)
    }
    for (const error of unhandledErrors) fail('outside of any test', [error])
    for (const module of modules) {
      const name = module.relativeModuleId
      for (const test of module.children.allTests()) {
        const {state, errors} = test.result()
        if (state === 'failed') fail(`${name} > ${test.fullName}`, errors)
        else counts[state === 'passed' ? 'passed' : 'skipped']++
      }
      // A file that could not be imported, or whose hooks failed, has errors of its own and perhaps no test.
      for (const part of [module, ...module.children.allSuites()]) {
        for (const error of part.errors())
          fail(part === module ? name : `${name} > ${part.fullName}`, [error])
      }
    }
    const file = process.env.ABD_COUNTS
    if (file) writeFileSync(file, JSON.stringify({...counts, failures}))
  }
}

const firstLine = (/** @type {string} */ message) => stripVTControlCharacters(message).split('\n')[0]

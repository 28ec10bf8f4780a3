import {execFile} from 'node:child_process'

/** What a program prints, within five seconds; undefined where it is not there, fails or takes longer. No shell. */
export const outputOf = (program: string, words: readonly string[]): Promise<string | undefined> =>
  new Promise((resolve) => {
    const child = execFile(program, words, {timeout: 5000}, (error, stdout) =>
      resolve(error ? undefined : stdout),
    )
    child.stdin?.end()
  })

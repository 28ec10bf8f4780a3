import {execFile} from 'node:child_process'
import {promisify} from 'node:util'

const run = promisify(execFile)

/** Standard output of `git ARGS` in the workspace. Throws what git says. */
export type Git = (args: readonly string[]) => Promise<Buffer>

/**
 * Git in the workspace, which belongs to whoever opened the pull request: no hooks, no helper programs, no questions, no
 * configuration but the repository's own (checkout wrote it), and none of the runner's secrets. The token goes to
 * fetches alone, and not by the command line, which every process can read.
 */
export const createGit =
  (workspace: string, {token, server}: {readonly token: string; readonly server: string}): Git =>
  async (args) => {
    const settings: [string, string][] = [
      ['safe.directory', '*'],
      ['core.hooksPath', '/dev/null'],
      ['core.fsmonitor', 'false'],
      ['protocol.ext.allow', 'never'],
      ['credential.helper', ''],
    ]
    if (token && args[0] === 'fetch')
      settings.push([
        `http.${server}/.extraheader`,
        `AUTHORIZATION: basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`,
      ])
    const {stdout} = await run('git', [...args], {
      cwd: workspace,
      encoding: 'buffer',
      maxBuffer: 256 * 2 ** 20,
      timeout: 300_000,
      env: {
        PATH: process.env['PATH'],
        LANG: 'C.UTF-8',
        HOME: process.env['RUNNER_TEMP'] ?? '/nonexistent',
        GIT_TERMINAL_PROMPT: '0',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_LFS_SKIP_SMUDGE: '1',
        GIT_CONFIG_COUNT: String(settings.length),
        ...Object.fromEntries(
          settings.flatMap(([key, value], i) => [
            [`GIT_CONFIG_KEY_${i}`, key],
            [`GIT_CONFIG_VALUE_${i}`, value],
          ]),
        ),
      },
    })
    return stdout
  }

/** Has the commit's files ready; a checkout usually holds the last commit alone. */
export async function ensureCommit(git: Git, sha: string): Promise<void> {
  try {
    await git(['cat-file', '-e', `${sha}^{commit}`])
  } catch {
    await git(['fetch', '--no-tags', '--depth=1', '--no-recurse-submodules', 'origin', sha])
  }
}

import {userInfo} from 'node:os'
import {outputOf} from './output-of.ts'

/** Where a run comes from, as MLflow's page shows it: user, command, git. What cannot be found out is left out. */
export async function sourceTags({
  source,
  version,
  environment,
}: {
  /** `abd audit`. */
  readonly source: string
  readonly version: string
  readonly environment: Readonly<Record<string, string | undefined>>
}): Promise<Record<string, string>> {
  const [commit, branch, remote, changes] = await Promise.all([
    git('rev-parse', 'HEAD'),
    git('rev-parse', '--abbrev-ref', 'HEAD'),
    git('config', '--get', 'remote.origin.url'),
    git('status', '--porcelain', '--untracked-files=no'),
  ])
  const entries: [string, string | undefined][] = [
    ['mlflow.user', userOf(environment)],
    ['mlflow.source.name', source],
    ['mlflow.source.type', environment['CI'] ? 'JOB' : 'LOCAL'],
    ['mlflow.source.git.commit', commit],
    ['mlflow.source.git.branch', branch === 'HEAD' ? undefined : branch],
    ['mlflow.source.git.repoURL', remote && withoutUser(remote)],
    ['mlflow.source.git.dirty', commit && changes !== undefined ? String(changes !== '') : undefined],
    ['abd.version', version],
  ]
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => Boolean(entry[1])))
}

const git = async (...words: readonly string[]): Promise<string | undefined> =>
  (await outputOf('git', words))?.trim()

function userOf(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  if (environment['LOGNAME'] ?? environment['USER']) return environment['LOGNAME'] ?? environment['USER']
  try {
    return userInfo().username
  } catch {
    return undefined
  }
}

/** A remote may hold a token: `https://user:token@host/…`. */
const withoutUser = (remote: string): string => remote.replace(/^(\w+:\/\/)[^/]*@/, '$1')

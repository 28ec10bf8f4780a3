import type {MlflowClient} from '../client/mlflow-client.ts'
import type {ModelVersion} from '../client/shapes.ts'
import type {VersionName} from './receive-webhooks.ts'

export interface WatchOptions {
  /** Of registered models; all where there are none. */
  readonly models: readonly string[]
  /** Milliseconds from one look at the registry to the next. */
  readonly every: number
  /** Ends when nothing is left to audit. */
  readonly once: boolean
  /** How often an audit that could not be made is tried again. */
  readonly tries: number
}

export interface WatchDeps {
  /** Audits a version and writes its verdict to the registry. Rejects where that was not possible. */
  readonly audit: (version: VersionName) => Promise<void>
  readonly note: (line: string) => void
  readonly signal: AbortSignal
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<unknown>
}

export interface Watched {
  readonly audited: readonly VersionName[]
  readonly failed: readonly (VersionName & {readonly reason: string})[]
}

export interface Watch {
  /** A webhook says that this version is there. */
  announce(version: VersionName): void
  /** Until the signal, or, with `once`, until nothing is left. */
  run(): Promise<Watched>
}

/**
 * Has every new version audited once: those that webhooks announce at once, and all others at the next look, for a
 * webhook can be lost. What was audited says so itself, by the tag `abd.verdict`; so it is known after a restart, too.
 */
export function watchRegistry(
  client: Pick<MlflowClient, 'searchModelVersions' | 'getModelVersion'>,
  {models, every, once, tries}: WatchOptions,
  {audit, note, signal, sleep}: WatchDeps,
): Watch {
  const announced: VersionName[] = []
  const failures = new Map<string, number>()
  const audited: VersionName[] = []
  const failed: (VersionName & {reason: string})[] = []
  let awake = new AbortController()
  const keyOf = ({name, version}: VersionName) => `${name}/${version}`
  const isWanted = ({name}: VersionName) => models.length === 0 || models.includes(name)
  const isOpen = (version: ModelVersion) =>
    isWanted(version) &&
    version.tags['abd.verdict'] === undefined &&
    // Where its verdict could not be written, that waits in the journal.
    !audited.some((one) => keyOf(one) === keyOf(version)) &&
    (failures.get(keyOf(version)) ?? 0) < tries

  async function auditOne(version: VersionName): Promise<void> {
    signal.throwIfAborted()
    // Somebody else may have been quicker.
    const there = await client.getModelVersion(version.name, version.version)
    if (!isOpen(there)) return
    note(`Auditing models:/${keyOf(version)}`)
    try {
      await audit(version)
      audited.push({name: version.name, version: version.version})
    } catch (error) {
      signal.throwIfAborted()
      const reason = error instanceof Error ? error.message : String(error)
      const count = (failures.get(keyOf(version)) ?? 0) + 1
      failures.set(keyOf(version), count)
      note(`models:/${keyOf(version)} could not be audited (${count} of ${tries} tries): ${reason}`)
      if (count >= tries) failed.push({name: version.name, version: version.version, reason})
    }
  }

  async function look(): Promise<number> {
    const open = (await client.searchModelVersions())
      .filter(isOpen)
      .sort((a, b) => a.creation_timestamp - b.creation_timestamp)
    for (const version of open) {
      for (let next = announced.shift(); next; next = announced.shift()) await auditOne(next)
      await auditOne(version)
    }
    return open.length
  }

  return {
    announce(version) {
      if (!isWanted(version)) return
      announced.push(version)
      awake.abort()
    },
    async run() {
      while (!signal.aborted) {
        let left = 0
        try {
          for (let next = announced.shift(); next; next = announced.shift()) await auditOne(next)
          left = await look()
        } catch (error) {
          if (once || signal.aborted) throw error
          note(`${error instanceof Error ? error.message : String(error)} The next look is in a while.`)
        }
        if (once && left === 0 && announced.length === 0) break
        if (once) continue
        awake = new AbortController()
        if (announced.length > 0) continue
        await sleep(every, AbortSignal.any([signal, awake.signal])).catch(() => {})
      }
      return {audited, failed}
    },
  }
}

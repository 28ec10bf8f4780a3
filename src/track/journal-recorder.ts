import {randomUUID} from 'node:crypto'
import {basename} from 'node:path'
import type {ChildRecorder, RecordedStatus, Recorder} from '../recorder.ts'
import {storableArtifactPath} from './client/artifact-path.ts'
import type {JournalWriter} from './journal/write-journal.ts'
import {LONGEST_PARAM, LONGEST_TAG, flattened, storableKey} from './names.ts'

export interface RecorderDeps {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** One line for people. */
  readonly note: (line: string) => void
  /** Of a run below this one. */
  readonly child: (name: string) => ChildRecorder
}

/** Records into a journal: every value in a form that MLflow takes, what is too long beside it as an artifact. */
export function journalRecorder(writer: JournalWriter, {now, note, child}: RecorderDeps): ChildRecorder {
  // A run that somebody else began has parameters of its own, and none may change.
  const prefix = writer.header.runId === undefined ? '' : 'abd.'
  const params = new Set<string>()
  const tables: string[] = []
  const said = new Set<string>()
  let hasImages = false

  const guarded = (what: string, work: () => void): void => {
    try {
      work()
    } catch (error) {
      tell(what, error)
    }
  }
  const tell = (what: string, error: unknown) => {
    if (said.has(what)) return
    said.add(what)
    note(`${what} could not be recorded: ${error instanceof Error ? error.message : String(error)}`)
  }

  const artifact = (path: string, content: string | Uint8Array) => {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content
    writer.append({op: 'artifact', path: storableArtifactPath(path), ...writer.store(bytes)})
  }
  /** The beginning of what is too long, and where all of it is. */
  const fitted = (
    key: string,
    value: string,
    {kind, most}: {kind: 'param' | 'tag'; most: number},
  ): string => {
    if (value.length <= most) return value
    const path = `abd/${kind}s/${key.replaceAll(/[^\w.-]/g, '_')}.txt`
    artifact(path, value)
    const pointer = `\n… (all of it: ${path})`
    return value.slice(0, most - pointer.length) + pointer
  }
  const tags = (values: Readonly<Record<string, string>>) =>
    writer.append({
      op: 'tags',
      values: Object.fromEntries(
        Object.entries(values).map(([name, value]) => {
          const key = storableKey(name)
          return [key, fitted(key, value, {kind: 'tag', most: LONGEST_TAG})]
        }),
      ),
    })

  const recorder: Recorder = {
    params: (values) =>
      guarded('Parameters', () => {
        const fresh = [...flattened(values)]
          .map(([name, value]) => [storableKey(prefix + name), value] as const)
          .filter(([key]) => !params.has(key))
        for (const [key] of fresh) params.add(key)
        if (fresh.length > 0)
          writer.append({
            op: 'params',
            values: Object.fromEntries(
              fresh.map(([key, value]) => [key, fitted(key, value, {kind: 'param', most: LONGEST_PARAM})]),
            ),
          })
      }),
    metrics: (values, step = 0) =>
      guarded('Metrics', () => {
        const entries = Object.entries(values).map(([name, value]) => [storableKey(name), value] as const)
        if (entries.length === 0) return
        // A server stores infinity as the largest number that there is: it is said in words, too.
        const infinite = entries.filter(([, value]) => Math.abs(value) === Number.POSITIVE_INFINITY)
        writer.append({
          op: 'metrics',
          at: now(),
          step: Math.trunc(step),
          values: Object.fromEntries(
            entries.map(([key, value]) => [key, Number.isFinite(value) ? value : nonFinite(value)]),
          ),
        })
        if (infinite.length > 0)
          tags(
            Object.fromEntries(
              infinite.map(([key, value]) => [`abd.infinite.${key}`, `${value} at step ${step}`]),
            ),
          )
      }),
    tags: (values) => guarded('Tags', () => tags(values)),
    describe: (markdown) => guarded('The description', () => tags({'mlflow.note.content': markdown})),
    image: (key, png, step) =>
      guarded('Pictures', () => {
        const name = storableKey(key).replaceAll('/', '~')
        const stem = `images/${name}+step+${step}+timestamp+${now()}+${randomUUID()}`
        const blob = writer.store(png)
        // The page shows the second one small, and a PNG under that name does: docs/decisions.
        writer.append({op: 'artifact', path: `${stem}.png`, ...blob})
        writer.append({op: 'artifact', path: `${stem}+compressed.webp`, ...blob})
        if (!hasImages) tags({'mlflow.loggedImages': 'True'})
        hasImages = true
      }),
    table: (path, columns, rows) =>
      guarded('Tables', () => {
        artifact(path, JSON.stringify({columns, data: rows}))
        tables.push(storableArtifactPath(path))
        // With Python's spaces: MLflow looks for this very text.
        const listed = tables.map((table) => `{"path": ${JSON.stringify(table)}, "type": "table"}`)
        tags({'mlflow.loggedArtifacts': `[${listed.join(', ')}]`})
      }),
    artifact: (path, content) => guarded('Files', () => artifact(path, content)),
    async file(path, source) {
      try {
        const name = storableArtifactPath(path)
        writer.append({op: 'artifact', path: name, ...(await writer.storeFile(source))})
      } catch (error) {
        tell(`The file ${path}`, error)
      }
    },
    dataset: ({name, digest, source, context, profile}) =>
      guarded('Data sets', () =>
        writer.append({
          op: 'input',
          name: name.slice(0, 500),
          digest: digest.slice(0, 36),
          sourceType: /^https?:/.test(source) ? 'http' : 'local',
          source: JSON.stringify(/^https?:/.test(source) ? {url: source} : {uri: source}),
          ...(profile ? {profile: JSON.stringify(profile)} : {}),
          context,
        }),
      ),
    async model({name, details, files, step}) {
      try {
        const stored = []
        for (const file of files)
          stored.push({path: storableArtifactPath(basename(file)), ...(await writer.storeFile(file))})
        writer.append({
          op: 'model',
          uid: randomUUID().replaceAll('-', ''),
          at: now(),
          step,
          // MLflow's names of models have no slash, colon, dot, percent or quote in them.
          name: name.replaceAll(/[^\w -]/g, '_'),
          params: Object.fromEntries(
            [...flattened(details)].map(([key, value]) => [storableKey(key), value.slice(0, 500)]),
          ),
          files: stored,
        })
      } catch (error) {
        tell(`The model ${name}`, error)
      }
    },
    verdict: (verdict) =>
      guarded('The verdict', () => {
        const {tags: given, alias, target, summary} = verdict
        writer.append({op: 'verdict', target: {...target}, tags: {...given}, alias: {...alias}, summary})
      }),
    child,
  }
  return {
    ...recorder,
    end: (status: RecordedStatus) => guarded('The end', () => writer.append({op: 'end', at: now(), status})),
  }
}

const nonFinite = (value: number) =>
  Number.isNaN(value) ? ('NaN' as const) : value > 0 ? ('Infinity' as const) : ('-Infinity' as const)

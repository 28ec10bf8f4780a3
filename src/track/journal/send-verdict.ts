import type {MlflowClient} from '../client/mlflow-client.ts'
import {TrackingError} from '../client/tracking-error.ts'
import type {Operation} from './operations.ts'

const BEGIN = '<!-- abd -->'
const END = '<!-- /abd -->'

/** A description with our part of it in the place of the last one; what others wrote stays. */
function describedAnew(description: string, summary: string): string {
  const ours = `${BEGIN}\n${summary.replaceAll(/<!--|-->/g, '')}\n${END}`
  const from = description.indexOf(BEGIN)
  const to = description.indexOf(END, from)
  if (from >= 0 && to >= 0) return description.slice(0, from) + ours + description.slice(to + END.length)
  return description.trim() === '' ? ours : `${description.trimEnd()}\n\n${ours}`
}

/** The version that has the alias; a server answers 400 or 404 where none has. */
const holderOf = (
  alias: string,
  {model, client}: {readonly model: string; readonly client: MlflowClient},
): Promise<string | undefined> =>
  client.getModelVersionByAlias(model, alias).then(
    ({version}) => version,
    (error: unknown) => {
      if (error instanceof TrackingError && (error.status === 400 || error.status === 404)) return undefined
      throw error
    },
  )

/** The tags last, `abd.verdict` the very last: who sees it sees all of it. Repeated, it comes to the same. */
export async function sendVerdict(
  {target, tags, alias, summary}: Extract<Operation, {op: 'verdict'}>,
  {client, runId}: {readonly client: MlflowClient; readonly runId: string},
): Promise<void> {
  const all: Readonly<Record<string, string>> = {...tags, 'abd.report_run_id': runId}
  if ('runId' in target) {
    const entries = Object.entries(all).map(([key, value]) => ({key, value}))
    return client.logBatch(target.runId, {tags: entries})
  }
  const {model, version} = target
  const there = await client.getModelVersion(model, version)
  await client.describeModelVersion(model, version, describedAnew(there.description, summary))
  const holder = await holderOf(alias.name, {model, client})
  // An older version that is audited again takes nothing from a newer one.
  if (alias.set) {
    if (holder === undefined || Number(holder) < Number(version))
      await client.setAlias(model, alias.name, version)
  } else if (holder === version) await client.deleteAlias(model, alias.name)
  const {'abd.verdict': verdict, ...others} = all
  for (const [key, value] of Object.entries(others))
    await client.setModelVersionTag(model, version, key, value)
  if (verdict !== undefined) await client.setModelVersionTag(model, version, 'abd.verdict', verdict)
}

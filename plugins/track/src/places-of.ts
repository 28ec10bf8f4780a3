import type {TrackingSettings} from '@abd/core/track'

interface JournalFlags {
  readonly mlflow?: string | undefined
  readonly journal?: string | undefined
}

/** The folder of journals, and the server that they go to: named, or the one that all of them were meant for. */
export async function placesOf({
  mlflow,
  journal,
}: JournalFlags): Promise<{root: string; settings: TrackingSettings | undefined; uris: readonly string[]}> {
  const {journalFolder, listJournals, readHeader, trackingSettings} = await import('@abd/core/track')
  const root = journal ?? journalFolder(process.env)
  const headers = await Promise.all((await listJournals(root)).map(readHeader))
  const uris = [...new Set(headers.flatMap(({uri}) => (uri === undefined ? [] : [uri])))]
  const uri =
    mlflow ?? (process.env['MLFLOW_TRACKING_URI'] || undefined) ?? (uris.length === 1 ? uris[0] : undefined)
  return {root, uris, settings: uri === undefined ? undefined : trackingSettings(process.env, {uri})}
}

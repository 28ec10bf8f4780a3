import {stat} from 'node:fs/promises'
import type {Readable} from 'node:stream'
import {checkArtifactPath} from './artifact-path.ts'
import type {Http} from './http.ts'
import {piecesOf} from './pieces-of.ts'
import {Files, Nothing} from './shapes.ts'
import {TrackingError} from './tracking-error.ts'

const artifacts = '/api/2.0/mlflow-artifacts/artifacts'

export interface ArtifactFile {
  /** Below the root that was listed. */
  readonly path: string
  readonly isFolder: boolean
  readonly bytes: number | undefined
}

/** What is stored below a root: `artifact_uri` of a run or of a logged model, which the server has to serve itself. */
export const artifactCalls = (http: Http) => ({
  putArtifact: async (root: string, path: string, source: {file: string} | {content: Uint8Array}) => {
    const bytes = 'file' in source ? (await stat(source.file)).size : source.content.byteLength
    const open = () => ('file' in source ? piecesOf(source.file) : source.content)
    return http.json({method: 'PUT', path: addressOf(http, root, path), body: {bytes, open}}, Nothing)
  },
  getArtifact: <T>(root: string, path: string, read: (body: Readable) => Promise<T>): Promise<T> =>
    http.stream({method: 'GET', path: addressOf(http, root, path)}, read),
  /** One folder. Throws E_TRACKING_PATH where the server names something outside of it. */
  async listArtifacts(root: string, folder = ''): Promise<ArtifactFile[]> {
    const within = [...partsOf(http, root), ...(folder ? checkArtifactPath(folder).split('/') : [])]
    const {files} = await http.json({method: 'GET', path: artifacts, query: {path: within.join('/')}}, Files)
    return files.map(({path, is_dir: isFolder, file_size: bytes}) => {
      const name = checkArtifactPath(path)
      if (name.includes('/'))
        throw new TrackingError({
          kind: 'refused',
          code: 'E_TRACKING_PATH',
          message: `The server lists ${JSON.stringify(name.slice(0, 200))} in a folder of which that is no file.`,
          hints: ['Nothing was written.'],
        })
      return {path: folder ? `${folder}/${name}` : name, isFolder, bytes}
    })
  },
})

const addressOf = (http: Http, root: string, path: string): string =>
  [
    artifacts,
    ...[...partsOf(http, root), ...checkArtifactPath(path).split('/')].map(encodeURIComponent),
  ].join('/')

/** Of `mlflow-artifacts:/1/abc/artifacts`, or with this server's own host in it. Throws E_TRACKING_ARTIFACTS. */
function partsOf({settings}: Http, root: string): string[] {
  const url = URL.parse(root)
  const isHere =
    url?.protocol === 'mlflow-artifacts:' && (url.host === '' || url.host === new URL(settings.uri).host)
  if (isHere) return checkArtifactPath(decodeURIComponent(url.pathname.replace(/^\/+/, ''))).split('/')
  throw new TrackingError({
    kind: 'refused',
    code: 'E_TRACKING_ARTIFACTS',
    message: `Its files are at ${root.replace(/^(\w[\w+.-]*:).*$/s, '$1…')}, which the server does not serve.`,
    hints: [
      'Start MLflow with --serve-artifacts and --artifacts-destination, so that clients need no credentials of the store.',
    ],
  })
}

import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'

interface FakeComment {
  id: number
  body: string
  html_url: string
  user: {login: string}
}

export interface Refusal {
  status: number
  message: string
  headers?: Readonly<Record<string, string>>
}

export interface FakeState {
  files: {filename: string; status: string}[]
  comments: FakeComment[]
  checks: Record<string, unknown>[]
  requests: string[]
  /** The answer to whatever a path holds, in place of the usual one. */
  refuse: Map<string, Refusal>
}

export const TOKEN = 'ghs_aSecretOfTheJob'
const LOGIN = 'github-actions[bot]'

/** What the gate needs of GitHub's API, with a memory; on the loopback alone. Lists come in pages. */
export async function fakeGitHub(given: Partial<FakeState> = {}) {
  const state: FakeState = {files: [], comments: [], checks: [], requests: [], refuse: new Map(), ...given}
  let next = 100
  const routes: [string, RegExp, (id: string, body: any) => [number, unknown]][] = [
    ['GET', /\/pulls\/(\d+)\/files$/, () => [200, state.files]],
    ['GET', /\/issues\/(\d+)\/comments$/, () => [200, state.comments]],
    [
      'POST',
      /\/issues\/(\d+)\/comments$/,
      (_, {body}) => {
        if (body.length > 65_536) return [422, {message: 'Body is too long (maximum is 65536 characters)'}]
        const id = next++
        const comment = {id, body, html_url: `https://github.example/comment/${id}`, user: {login: LOGIN}}
        state.comments.push(comment)
        return [201, comment]
      },
    ],
    [
      'PATCH',
      /\/issues\/comments\/(\d+)$/,
      (id, {body}) => {
        const comment = state.comments.find((one) => one.id === Number(id))
        if (!comment) return [404, {message: 'Not Found'}]
        comment.body = body
        return [200, comment]
      },
    ],
    [
      'POST',
      /\/check-runs()$/,
      (_, body) => {
        state.checks.push(body)
        return [201, {id: next++}]
      },
    ],
    ['POST', /\/graphql()$/, () => [200, {data: {viewer: {login: LOGIN}}}]],
  ]
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const url = new URL(request.url!, `http://${request.headers.host}`)
      state.requests.push(`${request.method} ${url.pathname}`)
      const body: unknown = chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString()) : undefined
      const refused = [...state.refuse].find(([part]) => url.pathname.includes(part))?.[1]
      const route = routes.find(([method, path]) => method === request.method && path.test(url.pathname))
      const [status, answer] = !request.headers.authorization?.endsWith(TOKEN)
        ? [401, {message: 'Bad credentials'}]
        : refused
          ? [refused.status, {message: refused.message}]
          : (route?.[2](route[1].exec(url.pathname)![1]!, body) ?? [404, {message: 'Not Found'}])
      response.setHeader('content-type', 'application/json')
      response.statusCode = status
      for (const [name, value] of Object.entries(refused?.headers ?? {})) response.setHeader(name, value)
      response.end(JSON.stringify(Array.isArray(answer) ? pageOf(answer, url, response) : answer))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    state,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function pageOf(all: unknown[], url: URL, response: {setHeader(name: string, value: string): unknown}) {
  const size = Number(url.searchParams.get('per_page') ?? 30)
  const page = Number(url.searchParams.get('page') ?? 1)
  if (page * size < all.length) {
    const next = new URL(url)
    next.searchParams.set('page', String(page + 1))
    response.setHeader('link', `<${next.href}>; rel="next"`)
  }
  return all.slice((page - 1) * size, page * size)
}

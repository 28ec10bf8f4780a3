import {createHmac} from 'node:crypto'
import {describe, expect, it} from 'vitest'
import type {ModelVersion} from '../../../src/track/client/shapes.ts'
import {receiveWebhooks} from '../../../src/track/watch/receive-webhooks.ts'
import {watchRegistry} from '../../../src/track/watch/watch-registry.ts'
import type {WatchOptions} from '../../../src/track/watch/watch-registry.ts'

const NOW = 1_700_000_000_000
const body = JSON.stringify({
  entity: 'model_version',
  action: 'created',
  data: {name: 'signs', version: '3', source: 'models:/m-1'},
})

/** As MLflow signs: HMAC-SHA256 of "id.time.body", in base64. */
function signed(text: string, {secret = 's3cret', id = 'd1', at = NOW / 1000} = {}): Record<string, string> {
  const value = createHmac('sha256', secret).update(`${id}.${at}.${text}`).digest('base64')
  return {
    'x-mlflow-delivery-id': id,
    'x-mlflow-timestamp': String(at),
    'x-mlflow-signature': `v1,${value}`,
  }
}

describe('receiveWebhooks', () => {
  async function receiving<T>(work: (url: string, heard: string[]) => Promise<T>): Promise<T> {
    const heard: string[] = []
    const receiver = await receiveWebhooks(
      {host: '127.0.0.1', port: 0, secret: 's3cret'},
      {onVersion: ({name, version}) => heard.push(`${name}/${version}`), note: () => {}, now: () => NOW},
    )
    try {
      return await work(`http://127.0.0.1:${receiver.port}/`, heard)
    } finally {
      await receiver.close()
    }
  }
  const post = async (url: string, text: string, headers: Record<string, string>) =>
    (await fetch(url, {method: 'POST', body: text, headers})).status

  it('hears of a version once, however often it is told', () =>
    receiving(async (url, heard) => {
      expect(await post(url, body, signed(body))).toBe(202)
      expect(await post(url, body, signed(body))).toBe(200)
      expect(heard).toEqual(['signs/3'])
    }))

  it.each([
    ['no signature', {}, 401],
    ['another secret', signed(body, {secret: 'other'}), 401],
    ['another body', signed(`${body} `), 401],
    ['an old one', signed(body, {at: NOW / 1000 - 301}), 401],
  ])('refuses %s', (_, headers, status) =>
    receiving(async (url, heard) => {
      expect(await post(url, body, headers)).toBe(status)
      expect(heard).toEqual([])
    }),
  )

  it('takes no part in other events, and refuses what is no event or too much', () =>
    receiving(async (url, heard) => {
      const tag = JSON.stringify({
        entity: 'model_version_tag',
        action: 'set',
        data: {name: 'signs', version: '3'},
      })
      expect(await post(url, tag, signed(tag, {id: 'a'}))).toBe(202)
      expect(await post(url, 'no JSON', signed('no JSON', {id: 'b'}))).toBe(400)
      const long = 'x'.repeat(1_000_001)
      expect(await post(url, long, signed(long, {id: 'c'})).catch(() => 413)).toBe(413)
      expect((await fetch(url)).status).toBe(405)
      expect((await fetch(`${url}health`)).status).toBe(200)
      expect(heard).toEqual([])
    }))
})

describe('watchRegistry', () => {
  function registryOf(...names: string[]) {
    const versions = new Map<string, ModelVersion>(
      names.map((key, i) => {
        const [name, version] = key.split('/')
        const entry = {name: name!, version: version!, source: '', run_id: '', description: '', aliases: []}
        return [key, {...entry, creation_timestamp: i, tags: {}}]
      }),
    )
    const client = {
      searchModelVersions: async () => [...versions.values()],
      getModelVersion: async (name: string, version: string) => versions.get(`${name}/${version}`)!,
    }
    return {versions, client}
  }
  const options: WatchOptions = {models: [], every: 1, once: true, tries: 3}

  function watching(
    client: ReturnType<typeof registryOf>['client'],
    more: Partial<WatchOptions>,
    audit: (key: string) => void,
  ) {
    const asked: string[] = []
    const stop = new AbortController()
    const watch = watchRegistry(
      client,
      {...options, ...more},
      {
        async audit({name, version}) {
          asked.push(`${name}/${version}`)
          audit(`${name}/${version}`)
        },
        note: () => {},
        signal: stop.signal,
        sleep: async () => stop.abort(),
      },
    )
    return {asked, watch}
  }

  it('audits every version that has no verdict, the oldest first, once', async () => {
    const {client, versions} = registryOf('signs/1', 'signs/2', 'cars/1')
    versions.set('signs/2', {...versions.get('signs/2')!, tags: {'abd.verdict': 'pass'}})
    const {asked, watch} = watching(client, {}, () => {})
    expect(await watch.run()).toMatchObject({
      audited: [
        {name: 'signs', version: '1'},
        {name: 'cars', version: '1'},
      ],
    })
    expect(asked).toEqual(['signs/1', 'cars/1'])
  })

  it('keeps to the models that it is told of', async () => {
    const {client} = registryOf('signs/1', 'cars/1')
    const {asked, watch} = watching(client, {models: ['cars']}, () => {})
    watch.announce({name: 'signs', version: '1'})
    await watch.run()
    expect(asked).toEqual(['cars/1'])
  })

  it('takes what a webhook announces first', async () => {
    const {client} = registryOf('signs/1', 'cars/1')
    const {asked, watch} = watching(client, {once: false}, () => {})
    watch.announce({name: 'cars', version: '1'})
    await watch.run()
    expect(asked).toEqual(['cars/1', 'signs/1'])
  })

  it('gives up a version that cannot be audited, after its tries', async () => {
    const {client} = registryOf('signs/1')
    const {asked, watch} = watching(client, {}, () => {
      throw new Error('no engine')
    })
    expect(await watch.run()).toMatchObject({audited: [], failed: [{name: 'signs', reason: 'no engine'}]})
    expect(asked).toHaveLength(3)
  })
})

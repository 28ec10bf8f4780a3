import {mkdtempSync, readFileSync, readdirSync, rmSync, statSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterAll, expect, it} from 'vitest'
import {bundleAction} from '../../scripts/bundle-action.ts'
import {actionYml} from '../../scripts/write-action-yml.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const fresh = mkdtempSync(join(tmpdir(), 'abd-bundle-'))
afterAll(() => rmSync(fresh, {recursive: true, force: true}))

const filesOf = (folder: string) =>
  new Map(
    readdirSync(folder, {recursive: true, encoding: 'utf8'})
      .filter((path) => statSync(join(folder, path)).isFile())
      .sort()
      .map((path) => [path, readFileSync(join(folder, path)).toString('base64')]),
  )

it('action.yml is what the inputs say: node scripts/write-action-yml.ts', async () => {
  expect(readFileSync(join(root, 'action.yml'), 'utf8')).toBe(await actionYml())
})

it('action/dist is bundled from these sources: node scripts/bundle-action.ts', async () => {
  await bundleAction(fresh)
  const [now, committed] = [filesOf(fresh), filesOf(join(root, 'action/dist'))]

  expect([...committed.keys()]).toEqual([...now.keys()])
  expect([...now].filter(([path, bytes]) => committed.get(path) !== bytes).map(([path]) => path)).toEqual([])
  const size = [...now.values()].reduce((sum, bytes) => sum + bytes.length * 0.75, 0)
  expect(size).toBeLessThan(17e6)
})

import {existsSync} from 'node:fs'
import {mkdtemp, rm, stat, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {makeFolder} from '../../src/make-folder.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abd-folder-'))
})
afterAll(() => rm(folder, {recursive: true}))

describe('makeFolder', () => {
  it('makes what is missing, and is content with what is there', async () => {
    const deep = join(folder, 'a/b/c')
    await makeFolder(deep)
    await makeFolder(deep)
    expect((await stat(deep)).isDirectory()).toBe(true)
  })

  it('says so where a file is in the way', async () => {
    await writeFile(join(folder, 'file'), '')
    await expect(makeFolder(join(folder, 'file'))).rejects.toMatchObject({code: 'EEXIST'})
    await expect(makeFolder(join(folder, 'file/below'))).rejects.toMatchObject({code: 'ENOTDIR'})
  })

  it('lets several make the same ones at once', async () => {
    for (let round = 0; round < 100; round++) {
      const made = ['x', 'x/y', 'x/y/z', 'x/y/w', 'x'].map((name) =>
        makeFolder(join(folder, `${round}`, name)),
      )
      await Promise.all(made)
      for (const name of ['x/y/z', 'x/y/w'])
        expect((await stat(join(folder, `${round}`, name))).isDirectory()).toBe(true)
    }
  })

  // Node's recursive mkdir runs for ever there.
  it.skipIf(!existsSync('/proc/self'))('comes back where the system refuses', async () => {
    await expect(makeFolder('/proc/abd')).rejects.toMatchObject({code: expect.stringMatching(/^E/)})
  })
})

import {execFileSync} from 'node:child_process'
import {mkdir, mkdtemp, rm, symlink, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {encodePng} from '../../../src/data/encode-png.ts'
import {readDataFiles} from '../../../src/data/read-data-files.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abd-links-'))
})
afterEach(() => rm(folder, {recursive: true}))

const picture = encodePng({count: 1, height: 2, width: 2, channels: 3, data: new Uint8Array(12)})
const write = async (name: string, bytes: Uint8Array) => {
  const path = join(folder, name)
  await mkdir(dirname(path), {recursive: true})
  await writeFile(path, bytes)
}

describe('folders of pictures', () => {
  it('may be linked, and so may pictures', async () => {
    await write('elsewhere/pets/1.png', picture)
    await write('set/cat/1.png', picture)
    await symlink(join(folder, 'elsewhere/pets'), join(folder, 'set/dog'))
    await symlink(join(folder, 'elsewhere/pets/1.png'), join(folder, 'set/cat/2.png'))
    await symlink(join(folder, 'elsewhere'), join(folder, 'set/cat/folder.png'))
    const {train, classNames} = await readDataFiles(join(folder, 'set'))

    expect(classNames).toEqual(['cat', 'dog'])
    expect([...train.labels!]).toEqual([0, 0, 1])
  })

  it('name a link that leads nowhere, and what could be read for ever', async () => {
    await write('one/a.png', picture)
    await symlink('nowhere', join(folder, 'one/b.png'))
    await expect(readDataFiles(join(folder, 'one'))).rejects.toMatchObject({
      code: 'E_FILE_MISSING',
      message: expect.stringContaining('b.png'),
    })
    await mkdir(join(folder, 'two'))
    execFileSync('sh', ['-c', 'mkfifo "$0"', join(folder, 'two/pipe.png')])
    await expect(readDataFiles(join(folder, 'two'))).rejects.toMatchObject({
      code: 'E_DATA',
      message: expect.stringContaining('pipe.png is not a regular file'),
    })
  })
})

import {spawnSync} from 'node:child_process'
import {mkdirSync, symlinkSync} from 'node:fs'
import {appendFile, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {hostname, tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {closeAbandoned} from '../../../src/track/journal/close-abandoned.ts'
import {within} from '../../../src/track/journal/folder.ts'
import {isGone, thisProcess} from '../../../src/holder.ts'
import {readOperations} from '../../../src/track/journal/read-operations.ts'
import {statusOf} from '../../../src/track/journal/status-of.ts'
import {tryLock} from '../../../src/track/journal/try-lock.ts'
import {createJournal} from '../../../src/track/journal/write-journal.ts'
import {headerOf} from '../../fixtures/track/contract.ts'

let root = ''
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'abd-journal-'))
})
afterAll(() => rm(root, {recursive: true, force: true}))

/** A process that has ended. */
const dead = () => {
  const {pid} = spawnSync(process.execPath, ['-e', ''])
  return `${pid} ${hostname()} -`
}
const metric = (step: number) => ({op: 'metrics', at: 1000 + step, step, values: {loss: step}}) as const
const linesOf = async (folder: string) => {
  const lines = []
  for await (const line of readOperations(within(folder).operations)) lines.push(line)
  return lines
}

describe('a journal', () => {
  it('has every line at once, before anything is synced', async () => {
    const writer = createJournal(root, headerOf())
    writer.append(metric(1))
    expect(await readFile(within(writer.folder).operations, 'utf8')).toBe(`${JSON.stringify(metric(1))}\n`)
    expect(await writer.close()).toMatchObject({waiting: 0})
  })

  it('gives whole lines only: one that its writer had begun is not there', async () => {
    const writer = createJournal(root, headerOf())
    for (let step = 0; step < 3; step++) writer.append(metric(step))
    await writer.close()
    await appendFile(within(writer.folder).operations, '{"op":"metrics","at":5,"st')
    expect((await linesOf(writer.folder)).map(({operation}) => operation)).toEqual([0, 1, 2].map(metric))
  })

  it('ends the run of a process that died, at its last sign of life, after the last whole line', async () => {
    const writer = createJournal(root, headerOf({writer: dead()}))
    writer.append(metric(7))
    await writer.close()
    await appendFile(within(writer.folder).operations, '{"op":"met')
    expect((await statusOf(writer.folder, undefined)).state).toBe('abandoned')
    await closeAbandoned(writer.folder, writer.header, 5000)
    await closeAbandoned(writer.folder, writer.header, 5000)
    expect((await linesOf(writer.folder)).map(({operation}) => operation)).toEqual([
      metric(7),
      {op: 'end', at: 1007, status: 'KILLED'},
    ])
  })

  it('leaves a run alone that is being written', async () => {
    const writer = createJournal(root, headerOf({writer: thisProcess()}))
    writer.append(metric(1))
    await closeAbandoned(writer.folder, writer.header, 5000)
    expect(await statusOf(writer.folder, undefined)).toMatchObject({state: 'writing', lines: 1, waiting: 1})
    await writer.close()
  })

  it('stores a content once, under its hash', async () => {
    const writer = createJournal(root, headerOf())
    const path = join(root, 'file.bin')
    await writeFile(path, 'hello')
    // echo -n hello | sha256sum
    const sha256 = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'
    expect(writer.store(Buffer.from('hello'))).toEqual({sha256, bytes: 5})
    expect(await writer.storeFile(path)).toEqual({sha256, bytes: 5})
    expect(await readFile(within(writer.folder).blob(sha256), 'utf8')).toBe('hello')
    await writer.close()
  })

  it.skipIf(process.platform !== 'linux')('on a full disk says how much is lost, and goes on', async () => {
    const header = headerOf()
    const folder = join(root, `20231114T221320Z-0-${header.uid.slice(0, 12)}`)
    mkdirSync(folder)
    symlinkSync('/dev/full', within(folder).operations)
    const writer = createJournal(root, header)
    expect(writer.folder).toBe(folder)
    for (let step = 0; step < 3; step++) writer.append(metric(step))
    expect(await writer.close()).toMatchObject({waiting: 3, error: {code: 'ENOSPC'}})
    await rm(folder, {recursive: true})
  })
})

describe('tryLock', () => {
  it('lets one in', async () => {
    const path = join(root, 'lock')
    const inner = await tryLock(path, async () => tryLock(path, async () => 'inner'))
    expect(inner).toEqual({value: undefined})
    expect(await tryLock(path, async () => 'again')).toEqual({value: 'again'})
  })

  it('takes over from a process that died', async () => {
    const path = join(root, 'lock')
    await writeFile(path, dead())
    expect(await tryLock(path, async () => 'mine')).toEqual({value: 'mine'})
  })
})

describe('isGone', () => {
  it('tells this process from one that ended, and knows nothing of other machines', () => {
    expect(isGone(thisProcess())).toBe(false)
    expect(isGone(dead())).toBe(true)
    expect(isGone('1 elsewhere 5')).toBe(false)
  })

  it.skipIf(process.platform !== 'linux')('tells this process from an earlier one with its number', () => {
    expect(isGone(`${process.pid} ${hostname()} 1`)).toBe(true)
  })
})

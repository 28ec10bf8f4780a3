import {mkdtemp, symlink, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {parseCard, readCard} from '../../../src/audit/card.ts'
import {parsePolicy, readPolicy} from '../../../src/audit/policy.ts'
import {describe, expect, it} from 'vitest'

describe('policy', () => {
  it('has defaults for everything', () => {
    expect(parsePolicy('', 'p.yml')).toMatchObject({
      version: 1,
      block: {p: 0.01},
      review: {p: 0.05},
      degenerate: 'review',
    })
  })

  it('takes what is given and keeps the rest', () => {
    expect(parsePolicy('demonstration: {asr: 0.9}', 'p.yml').demonstration).toEqual({
      asr: 0.9,
      partial: 0.5,
      margin: 0.4,
    })
  })

  it('names an unknown key, line and column, and the nearest known one', () => {
    expect(() => parsePolicy('version: 1\ntransfer: {studentAsp: 0.5}', 'p.yml')).toThrow(
      "p.yml: transfer: unknown key 'studentAsp' (line 2, column 12), did you mean 'studentAsr'?",
    )
    expect(() => parsePolicy('# ours\nblok:\n  p: 0.1', 'p.yml')).toThrow(
      "p.yml: policy: unknown key 'blok' (line 2, column 1), did you mean 'block'?",
    )
  })

  it('says where a wrong value stands, and where YAML ends to be YAML', () => {
    expect(() => parsePolicy('scan:\n  block: [critical, hihg]', 'p.yml')).toThrow(
      /^p\.yml: scan\.block\.1: Invalid option: .* \(line 2, column 21\)$/,
    )
    expect(() => parsePolicy('- a', 'p.yml')).toThrow(/^p\.yml: policy: .* \(line 1, column 1\)$/)
    expect(() => parsePolicy('block:\n  p: [1\n', 'p.yml')).toThrow(
      /^p\.yml: not YAML: .* \(line 3, column 1\)$/,
    )
  })

  it('says what to do about an alias, and about a second document', () => {
    expect(() => parsePolicy('block: &limits\n  p: 0.1\nreview: *limits\n', 'p.yml')).toThrow(
      'p.yml: not YAML: the alias *limits is not read: write its value out (line 3, column 9)',
    )
    expect(() => parsePolicy('---\nversion: 1\n---\n# notes\n', 'p.yml')).toThrow(
      'p.yml: not YAML: a second document begins with ---, where one alone is read (line 3, column 1)',
    )
  })

  it.each(['block: {p: 2}', 'version: 2', '- a', '{', '&a [*a]'])('refuses %s', (text) => {
    expect(() => parsePolicy(text, 'p.yml')).toThrow(/^p\.yml: /)
  })

  it('is found in the working folder, and must exist when it is named', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'abd-policy-'))
    expect((await readPolicy(undefined, folder)).source).toBe('defaults')

    await writeFile(join(folder, 'abd.policy.yml'), 'review: {p: 0.2}')
    expect(await readPolicy(undefined, folder)).toMatchObject({
      source: 'abd.policy.yml',
      policy: {review: {p: 0.2}},
    })

    await expect(readPolicy(join(folder, 'missing.yml'), folder)).rejects.toMatchObject({
      code: 'E_POLICY',
      exit: 2,
    })
  })
})

describe('card', () => {
  it('bounds what whoever brings the model may say', () => {
    expect(parseCard('mean: [0.5, 0.5, 0.5]\nstd: [0.2, 0.2, 0.2]', 'c.yml').mean).toEqual([0.5, 0.5, 0.5])
    expect(() => parseCard('std: [0.0001, 0.2, 0.2]', 'c.yml')).toThrow(
      'std: each must lie between 0.05 and 1',
    )
    expect(() => parseCard('mean: [9, 9, 9]', 'c.yml')).toThrow('mean')
    expect(() => parseCard('classes: 2\nrun: rm', 'c.yml')).toThrow("unknown key 'run' (line 2, column 1)")
  })

  it('is the model’s own, else the folder’s', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'abd-card-'))
    const model = join(folder, 'm.pt')
    expect(await readCard(model)).toBeUndefined()
    for (const [name, classes] of Object.entries({
      'abd.yml': 2,
      'abd.yaml': 3,
      'm.abd.yaml': 4,
      'm.abd.yml': 5,
    })) {
      await writeFile(join(folder, name), `classes: ${classes}`)
      expect((await readCard(model))?.classes).toBe(classes)
    }
    expect((await readCard(join(folder, 'other.pt')))?.classes).toBe(3)
  })

  it('is short, and so is what is said of it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'abd-card-'))
    const many = Array.from({length: 8}, (_, i) => `k${i}: 1`).join('\n')
    expect(() => parseCard(many, 'c.yml')).toThrow(/^c\.yml: card: unknown key 'k0'.*; and 3 more$/)
    await writeFile(join(folder, 'm.abd.yml'), `notes: ${'x'.repeat(100_001)}`)
    await expect(readCard(join(folder, 'm.pt'))).rejects.toMatchObject({
      code: 'E_CARD',
      message: expect.stringMatching(/more than 100000\.$/),
    })
  })

  it('is a file, and no device that could be read for ever', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'abd-card-'))
    await symlink('/dev/zero', join(folder, 'z.abd.yml'))
    await expect(readCard(join(folder, 'z.pt'))).rejects.toMatchObject({
      code: 'E_CARD',
      message: expect.stringContaining('it is not a regular file'),
    })
  })
})

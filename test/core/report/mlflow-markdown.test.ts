import {describe, expect, it} from 'vitest'
import {codeMarkdown} from '../../../src/report/escape-markdown.ts'
import {mlflowMarkdown} from '../../../src/report/mlflow-markdown.ts'

describe("code on a run's page", () => {
  it.each([
    'models:/signs/2/my_teacher.safetensors',
    'runs:/ab12/model#1',
    '{a} b-c+d=e @me GH-1 $x!',
    '1.pt',
  ])('shows %s as it is', (name) => expect(mlflowMarkdown(codeMarkdown(name))).toBe(`<code>${name}</code>`))

  it.each([
    '</code><img src=x onerror=alert(1)>',
    'a|b',
    '`x`',
    '*x*',
    'a&lt;',
    '[x](javascript:1)',
    'https://evil.example',
  ])('obeys nothing of %s', (name) => {
    const [, within] = /^<code>(.*)<\/code>$/.exec(mlflowMarkdown(codeMarkdown(name)))!
    expect(within).not.toMatch(/[<>|`*[\]]|&(?!#\d+;)|:\/\//)
  })

  it('leaves everything else', () => {
    const text = 'a&#95;b <code>c&#95;d</code> e&#58;f'
    expect(mlflowMarkdown(text)).toBe('a&#95;b <code>c_d</code> e&#58;f')
  })
})

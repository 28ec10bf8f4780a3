import {stripVTControlCharacters} from 'node:util'
import {expect, it} from 'vitest'
import {table} from '../../cli/table.ts'

it('obeys no styling but our own', () => {
  const text = table(['NAME', 'STATE'], [['\u001b[8mhidden', {style: 'red', text: '\u001b[8mbad\nPASS'}]])
  expect(text).not.toContain('\u001b[8m')
  const plain = stripVTControlCharacters(text)
  expect(plain.split('\n')).toHaveLength(2)
  expect(plain).toContain('\\u001b[8mhidden')
  expect(plain).toContain('\\u001b[8mbad\\u000aPASS')
})

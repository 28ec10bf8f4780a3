import type {Report} from '../audit/report-schema.ts'
import {shorten} from './visible.ts'

/** The class's name, at most 60 characters, where the report knows one that says more than its number. */
export function className(report: Pick<Report, 'model'>, index: number): string | undefined {
  const name = report.model.classNames?.[index]?.trim()
  return name && name !== String(index) ? shorten(name, 60) : undefined
}

/** `class 0 (speed limit 20)`, or `class 0`. */
export function classLabel(report: Pick<Report, 'model'>, index: number): string {
  const name = className(report, index)
  return name === undefined ? `class ${index}` : `class ${index} (${name})`
}

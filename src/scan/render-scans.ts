import {renderSarif} from '../report/render-sarif.ts'
import type {Scan} from './scan-schema.ts'

/** SARIF 2.1.0 of scans: a result for every finding and for every file that is not a pass. */
export const renderScans = (scans: readonly Scan[]): string =>
  renderSarif(scans.map((scan) => ({...scan, suspectedTarget: null, score: null})))

import type {Report} from '../../audit/report-schema.ts'
import type {Html} from './html.ts'
import {html} from './html.ts'
import {gallery} from './pictures.ts'

/** What the audit showed the model, or taught its students with. */
export function samples({illustrations}: Report, id: string): Html | null {
  const some = illustrations.filter(({kind}) => kind === 'sample')
  if (some.length === 0) return null
  return html`<section id="${id}-samples">
    <h3>Images the audit used</h3>
    ${gallery(some)}
  </section>`
}

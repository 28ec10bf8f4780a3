import type {Illustration} from '../../audit/report-schema.ts'
import type {Html} from './html.ts'
import {html, prose} from './html.ts'

/** Pixels as they are, scaled up without smoothing; bytes that are not a PNG only fail to show. */
export const picture = ({png, width, height, caption}: Illustration, alt = caption): Html =>
  html`<img
    src="data:image/png;base64,${png}"
    width="${width}"
    height="${height}"
    alt="${alt}"
    style="width:${shownWidth(width, height)}px"
  />`

/** A single image is 80 px high; a sheet of several gets as many as its pixels deserve. */
const shownWidth = (width: number, height: number): number =>
  Math.round(width * (height <= 64 ? 80 / height : Math.min(2, 320 / height)))

/** Pictures in a row, each caption once for all the pictures that share it. */
export const gallery = (illustrations: readonly Illustration[]): Html => {
  const byCaption = [...Map.groupBy(illustrations, ({caption}) => caption)]
  return html`<div class="gallery">
    ${byCaption.map(
      ([caption, pictures]) =>
        html`<figure>
          <div>
            ${pictures.map((one, i) => picture(one, pictures.length > 1 ? `${i + 1} of ${pictures.length}: ${caption}` : caption))}
          </div>
          <figcaption>${prose(caption)}</figcaption>
        </figure>`,
    )}
  </div>`
}

import type {Child, Html} from './html.ts'
import {html, trusted} from './html.ts'
import {style} from './style.ts'

// Whatever slipped through the escaping could still load nothing, run nothing and send nothing.
const policy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

/** A self-contained page: no script, no network, every text that is no markup escaped. The same content gives the same bytes. */
export function page({
  title,
  icon,
  heading,
  skip,
  byline,
  main,
  footer,
}: {
  readonly title: string
  /** A data URL. */
  readonly icon: string
  readonly heading: Child
  /** Of the link that jumps over the top. */
  readonly skip: string
  readonly byline: Html | null
  readonly main: Html
  readonly footer: Html | null
}): string {
  return String(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta http-equiv="Content-Security-Policy" content="${policy}" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <meta name="referrer" content="no-referrer" />
          <title>${title}</title>
          <link rel="icon" href="${icon}" />
          <style>
            ${trusted(style)}
          </style>
        </head>
        <body>
          <a class="skip" href="#main">${skip}</a>
          <div class="top">
            <h1>${heading}</h1>
            ${byline}
          </div>
          <main id="main">${main}</main>
          ${footer}
        </body>
      </html> `,
  )
}
